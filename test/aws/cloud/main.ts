/**
 * The process of a simulated cloud, inside the router's namespace of its rig stack: see `startCloud`.
 * Its one argument is CloudSettings as JSON. It ends with its control group.
 */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createAuthority, issueCertificate } from '../../../infra/tls/x509.ts';
import { doneWhen, type Look, waitFor } from '../../../infra/wait.ts';
import { accountAt } from './account.ts';
import { ApiServer } from './api-server.ts';
import { LoadBalancers } from './balancing/load-balancers.ts';
import { Credentials } from './credentials.ts';
import { Effects } from './effects.ts';
import { Instances } from './instances.ts';
import { Metadata } from './metadata.ts';
import { Network } from './network.ts';
import { Resolver } from './resolver.ts';
import {
  authorityFile,
  type CloudSettings,
  cloudSettings,
  imagesFile,
  resolverAddress,
} from './settings.ts';

const motoPort = 5000;

/** It keeps all state in memory, for as long as it runs. */
async function startMoto({ cloud, python }: CloudSettings): Promise<void> {
  const script = join(import.meta.dirname, '../moto/serve.py');
  const child = spawn(python, [script, '127.0.0.1', String(motoPort)], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { PATH: process.env['PATH'], MOTO_AMIS_PATH: imagesFile(cloud) },
  });
  child.once('exit', (code) => {
    process.stderr.write(`moto ended: ${String(code)}\n`);
    process.exit(1);
  });
  await waitFor(
    () =>
      new Promise<Look<true>>((resolve) => {
        const socket = connect(motoPort, '127.0.0.1');
        socket.once('error', (error) => {
          resolve({ seen: error.message });
        });
        socket.once('connect', () => {
          socket.destroy();
          resolve(doneWhen(true, ''));
        });
      }),
    { subject: 'moto to answer', deadlineMs: 30_000, intervalMs: 50 },
  );
}

const settings = cloudSettings.parse(JSON.parse(process.argv[2] ?? ''));
const { cloud, region } = settings;
const authority = await createAuthority('Simulated AWS', 30);
writeFileSync(authorityFile(cloud), authority.certificate);
const identity = await issueCertificate(authority, {
  commonName: 'amazonaws.com',
  names: ['*.amazonaws.com', `*.${region}.amazonaws.com`],
  addresses: [],
  validDays: 30,
});
await startMoto(settings);
const account = accountAt(region, { url: `http://127.0.0.1:${motoPort}` });
const resolver: Resolver = new Resolver(account, () => ({ network, balancers }));
const network = new Network(cloud, account, (address) => resolver.listen(address));
const balancers = new LoadBalancers(settings, account, network);
await network.start();
const instances = new Instances(settings, account, network);
const credentials = new Credentials(account);
const effects = new Effects(cloud, account, network, instances, balancers);
await new Metadata(account, network, instances, credentials).listen();
await resolver.listen(resolverAddress);
const api = new ApiServer({ cloud, motoPort, account, network, credentials, effects });
await api.listenInside(identity);
// Last: who finds its socket finds all of it.
await api.listenOutside();
