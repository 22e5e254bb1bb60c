import { afterAll, beforeAll, expect, test } from 'vitest';

import { doneWhen, waitFor } from '../../infra/wait.ts';
import { leftovers } from '../../infra/rig-provider/remains.ts';
import { describeAccount, publishDuring } from '../lib/ledger.ts';
import { figure, ledgerFile, warren as stack } from '../lib/rig/environments.ts';
import { killProgram, powerOff } from '../lib/rig/faults.ts';
import { tracesOf } from '../lib/rig/traces.ts';

const [active = '', standby = ''] = stack.hosts('broker');
const balancers = stack.hosts('balancer');
const queue = 'rig.ledger';
let uri = '';
let ports: number[] = [];

beforeAll(async () => {
  await stack.down();
  const { tookMs } = await stack.up();
  figure('warren up from nothing, ms', tookMs);
  uri = (await stack.outputs()).amqpUri;
  ports = await stack.localPorts();
}, 400_000);

afterAll(async () => {
  await stack.down();
}, 120_000);

test('both brokers are watched, and clients are on the active one', async () => {
  const status = await stack.status();
  expect(status.topology).toBe('warren');
  expect(status.brokers).toMatchObject([
    { name: active, running: true },
    { name: standby, running: true },
  ]);
  for (const balancer of balancers) await serverIs(balancer, standby, /^UP/);
  const account = await publishDuring(client('warren-normal'), async ({ connectionName }) => {
    await clientIsOn(connectionName, active);
  });
  expect(account.reconnects).toBe(0);
});

test('a standby that dies is seen by both balancers, and its return too', async () => {
  // Its unit stays down for a moment only: what is looked for is that the checks saw it.
  await killProgram(stack, standby, 'beam.smp');
  await Promise.all(balancers.map((balancer) => serverIs(balancer, standby, /^DOWN/)));
  await Promise.all(balancers.map((balancer) => serverIs(balancer, standby, /^UP/)));
});

test('a queue whose declaration was cut off has a leader after the next start', async () => {
  const name = 'rig.cut-off';
  const path = `/api/queues/%2F/${name}`;
  const declaration = { durable: true, arguments: { 'x-queue-type': 'quorum' } };
  await stack.change(standby, 'PUT', path, declaration);
  // What a death leaves between a member's first file and its first election: no term, an empty log.
  const cutOff = `systemctl stop rabbitmq-server
    cd /var/lib/rabbitmq/mnesia/*/quorum/*/; rm -f -- *.wal meta.dets; find . -name '*.segment' -delete
    systemctl start rabbitmq-server`;
  await stack.run(standby, ['sh', '-euc', cutOff], 60_000);
  const state = `{ok, Queue} = rabbit_amqqueue:lookup(<<"${name}">>, <<"/">>),
    maps:get(state, ra:key_metrics(amqqueue:get_pid(Queue))).`;
  await waitFor(
    async () => {
      const said = await stack.run(standby, ['rabbitmqctl', '--silent', 'eval', state]);
      return doneWhen(said.trim() === 'leader', said);
    },
    { subject: `the member of ${name} to lead`, deadlineMs: 30_000, intervalMs: 500 },
  );
}, 120_000);

test('the active broker lost: the standby serves; it returns: all comes back, nothing is lost', async () => {
  const account = await publishDuring(client('warren-failover'), async (publisher) => {
    await clientIsOn(publisher.connectionName, active);
    await powerOff(stack, [active]);
    await publisher.moreConfirms(200, 30_000);
    await clientIsOn(publisher.connectionName, standby);
    await stack.up();
    // Sessions on the standby are cut: the same client is on the active broker again.
    await clientIsOn(publisher.connectionName, active);
    await Promise.all(balancers.map((balancer) => serverIs(balancer, active, /^UP/)));
    await publisher.moreConfirms(200, 30_000);
    await isEmpty(standby);
  });
  figure('active lost and back', describeAccount(account));
  expect(account.reconnects).toBeGreaterThanOrEqual(2);
});

test('down leaves nothing', async () => {
  const { tookMs } = await stack.down();
  figure('warren down, ms', tookMs);
  expect(await leftovers(stack.name)).toEqual([]);
  expect(await tracesOf(stack, ports)).toEqual([]);
});

const client = (name: string) => ({
  uri,
  queues: [queue],
  file: ledgerFile(name),
  ratePerSecond: 100,
  maxMessages: 20_000,
  minimumConfirmed: 50,
  heartbeatSeconds: 60,
});

async function serverIs(balancer: string, server: string, state: RegExp): Promise<void> {
  await waitFor(
    async () => {
      const told = await stack.run(balancer, ['/usr/local/sbin/balancer-status']);
      const { servers } = JSON.parse(told) as {
        servers: { backend: string; server: string; state: string }[];
      };
      const found = servers.find((one) => one.backend === 'amqp' && one.server === server);
      return state.test(found?.state ?? '')
        ? { done: true, value: true }
        : { seen: found?.state ?? 'unknown' };
    },
    {
      subject: `${balancer} to see ${server} as ${String(state)}`,
      deadlineMs: 60_000,
      intervalMs: 100,
    },
  );
}

async function clientIsOn(connectionName: string, host: string): Promise<void> {
  await waitFor(
    async () => {
      type Connections = { client_properties: { connection_name?: string } }[];
      const found = await stack.api<Connections>(host, '/api/connections');
      const names = found.map((one) => one.client_properties.connection_name ?? '-');
      return names.includes(connectionName)
        ? { done: true, value: true }
        : { seen: `clients ${names.join(', ') || 'none'}` };
    },
    { subject: `${connectionName} on ${host}`, deadlineMs: 60_000, intervalMs: 250 },
  );
}

/** Messages left in the standby are drained into the active broker. */
async function isEmpty(host: string): Promise<void> {
  await waitFor(
    async () => {
      const listed = ['rabbitmqctl', '--silent', 'list_queues', 'name', 'messages'];
      const queues = (await stack.run(host, listed, 60_000)).trim().split('\n');
      const held = queues.filter((line) => !line.endsWith('\t0'));
      return held.length === 0 ? { done: true, value: true } : { seen: held.join(', ') };
    },
    { subject: `${host} to be drained`, deadlineMs: 60_000, intervalMs: 500 },
  );
}
