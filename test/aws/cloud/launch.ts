import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeCgroup, memberCgroup } from '../../../infra/rig-provider/cgroup.ts';
import { tail } from '../../../infra/rig-provider/exec.ts';
import { ensureImage, imageFor } from '../../../infra/rig-provider/images/index.ts';
import { namespacePath, routerNamespace } from '../../../infra/rig-provider/names.ts';
import { ipBatch, makeNamespace } from '../../../infra/rig-provider/network/namespace.ts';
import { leftovers, sweep } from '../../../infra/rig-provider/remains.ts';
import { doneWhen, waitFor } from '../../../infra/wait.ts';
import { ensureMoto } from '../moto/install.ts';
import {
  apiSocket,
  cloudFolder,
  cloudGroup,
  type CloudSettings,
  debianAccount,
  imagesFile,
  logFile,
  metadataAddress,
  outsideAddress,
  publicApiAddress,
  resolverAddress,
} from './settings.ts';

/** Debian's images as the account that publishes them would offer them; the ids are the tests' own. */
export const machineImages = {
  trixie: 'ami-0d13000000000000a',
  bookworm: 'ami-0d12000000000000a',
  /** Another build of Debian 13: a change of image that replaces instances. */
  nextTrixie: 'ami-0d13000000000000b',
} as const;

async function offeredImages(releases: readonly ('trixie' | 'bookworm')[]) {
  const offered: CloudSettings['images'] = {};
  for (const release of releases) {
    const { rootfs } = await ensureImage(imageFor(`${release}-ec2`).name, () => undefined, 'quick');
    const number = { trixie: 13, bookworm: 12 }[release];
    const description = `Debian ${number} (simulated)`;
    const name = `debian-${number}-amd64-20260101-1`;
    offered[machineImages[release]] = { rootfs, name, description };
    if (release === 'trixie') {
      const next = `debian-${number}-amd64-20260202-2`;
      offered[machineImages.nextTrixie] = { rootfs, name: next, description };
    }
  }
  return offered;
}

/** The images in the form of moto's own list. */
const motoImages = (images: CloudSettings['images']): object[] =>
  Object.entries(images).map(([ami_id, { name, description }]) => ({
    ami_id,
    name,
    description,
    owner_id: debianAccount,
    public: true,
    virtualization_type: 'hvm',
    architecture: 'x86_64',
    state: 'available',
    platform: null,
    image_type: 'machine',
    hypervisor: 'xen',
    root_device_name: '/dev/xvda',
    root_device_type: 'ebs',
    sriov: 'simple',
    creation_date: '2026-01-01T00:00:00.000Z',
  }));

/**
 * Starts a simulated cloud: the API, metadata service and resolver in the router's namespace of the
 * rig stack `cloud`, and instances as its hosts. It holds its state for as long as it runs.
 */
export async function startCloud(
  cloud: string,
  region: string,
  releases: readonly ('trixie' | 'bookworm')[] = ['trixie'],
): Promise<void> {
  await stopCloud(cloud);
  const settings: CloudSettings = {
    cloud,
    region,
    images: await offeredImages(releases),
    python: await ensureMoto(),
  };
  mkdirSync(cloudFolder(cloud), { recursive: true, mode: 0o700 });
  writeFileSync(imagesFile(cloud), JSON.stringify(motoImages(settings.images)));
  const namespace = routerNamespace(cloud);
  await makeNamespace(namespace);
  const addresses = [metadataAddress, resolverAddress, publicApiAddress, outsideAddress];
  await ipBatch(namespace, [
    'link set lo up',
    ...addresses.map((address) => `addr replace ${address}/32 dev lo`),
  ]);
  const group = memberCgroup(cloud, cloudGroup);
  makeCgroup(group);
  const log = openSync(logFile(cloud), 'w', 0o600);
  const enter = 'echo $$ > "$1/cgroup.procs"; shift; exec nsenter "$@"';
  const inside = [process.execPath, join(import.meta.dirname, 'main.ts'), JSON.stringify(settings)];
  const child = spawn(
    'sh',
    ['-c', enter, 'cloud', group, `--net=${namespacePath(namespace)}`, ...inside],
    { detached: true, cwd: '/', stdio: ['ignore', log, log] },
  );
  closeSync(log);
  let ended: string | undefined;
  child.once('exit', (code) => (ended = `exit ${String(code)}`));
  child.unref();
  const said = (): string => tail(readFileSync(logFile(cloud), 'utf8'));
  await waitFor(
    () => {
      if (ended !== undefined) return { failed: new Error(`the cloud ended: ${ended}: ${said()}`) };
      return doneWhen(existsSync(apiSocket(cloud)), said());
    },
    { subject: `the simulated cloud ${cloud}`, deadlineMs: 60_000, intervalMs: 50 },
  );
}

/** Ends it with everything in it, and says what is left of it on this machine: nothing. */
export async function stopCloud(cloud: string): Promise<string[]> {
  await sweep(cloud);
  return leftovers(cloud);
}
