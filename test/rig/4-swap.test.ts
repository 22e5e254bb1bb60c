import { beforeAll, expect, test } from 'vitest';

import { probeMessage } from '../../infra/operations/amqp-probe.ts';
import { describeAccount, drainQueues, publishDuring } from '../lib/ledger.ts';
import { declareQueue, deleteQueue, publish } from '../lib/rig/amqp.ts';
import { expectDefinitions, makeDefinitions } from '../lib/rig/definitions.ts';
import { figure, ledgerFile, quorum as stack } from '../lib/rig/environments.ts';
import { vipHolder, watchVip } from '../lib/rig/network.ts';

const queue = 'rig.held';
const messages = ['one', 'two', 'three'];
const stream = 'rig.stream';
/** What clients publish to while the topology changes. */
const busy = ['rig.busy-1', 'rig.busy-2', 'rig.busy-3'];
/** How many messages each of these holds when the topology changes. */
const laden = new Map([
  [queue, 3],
  ['rig.laden-1', 250],
  ['rig.laden-2', 1],
  ['rig.laden-3', 40],
]);
const balancers = stack.hosts('balancer');
const cluster = stack.hosts('broker');
const pair = stack.hosts('broker', { topology: 'warren' });
let uri = '';

beforeAll(async () => {
  await stack.up('--reset', '--discard-messages');
  uri = (await stack.outputs()).amqpUri;
  await makeDefinitions(stack, cluster[0] ?? '');
  // An environment that was up before may hold what a failed run left.
  await deleteQueue(uri, stream);
  const queues = [...laden.keys(), ...busy];
  for (const name of queues) await declareQueue(uri, name);
  await drainQueues({ uri, queues, deadlineMs: 20_000 });
}, 300_000);

test('a swap that would lose messages stops before the first change and lists them', async () => {
  const hosts = [...cluster, ...balancers];
  const before = stack.leaders(hosts);
  await publish(uri, queue, messages);
  const { code, stderr } = await stack.tryUp('--topology', 'warren');
  expect(code).toBe(1);
  expect(stderr).toContain(`${queue} in vhost /: ${messages.length}`);
  expect(stderr).toMatch(/--move-messages.*--discard-messages/s);
  expect(stack.leaders(hosts)).toEqual(before);
  expect((await stack.status()).topology).toBe('quorum-cluster');
  expect(await drainQueues({ uri, queues: [queue], deadlineMs: 10_000 })).toEqual(messages);
});

test('a stream, which cannot be carried, is refused with --move-messages too', async () => {
  const hosts = [...cluster, ...balancers];
  const before = stack.leaders(hosts);
  await declareQueue(uri, stream, 'stream');
  await publish(uri, stream, messages);
  const { code, stderr } = await stack.tryUp('--topology', 'warren', '--move-messages');
  expect(code).toBe(1);
  expect(stderr).toContain(`stream ${stream} in vhost /: ${messages.length}`);
  expect(stack.leaders(hosts)).toEqual(before);
  await deleteQueue(uri, stream);
});

test('queues that a full one of their kind would cost messages are refused with --move-messages too', async () => {
  const [host = ''] = cluster;
  const byPolicy = '/api/policies/%2F/swap-refuses';
  const names = ['swap.refuses-itself', 'swap.refuses-by-policy'];
  await stack.change(host, 'PUT', byPolicy, {
    ...{ pattern: `^${names[1]}$`, 'apply-to': 'queues', priority: 9 },
    definition: { overflow: 'reject-publish', 'max-length': 100 },
  });
  for (const name of names) {
    await stack.change(host, 'PUT', `/api/queues/%2F/${name}`, {
      durable: true,
      arguments: {
        'x-queue-type': 'quorum',
        ...(name === names[0] ? { 'x-overflow': 'reject-publish' } : {}),
      },
    });
    await publish(uri, name, ['one']);
  }
  const { code, stderr } = await stack.tryUp('--topology', 'warren', '--move-messages');
  expect(code).toBe(1);
  expect(stderr).toContain('would lose messages: 2 in 2 queues');
  for (const name of names) expect(stderr).toContain(`${name} in vhost /: 1`);
  await stack.run(host, ['mq-api', 'DELETE', byPolicy]);
  for (const name of names) await deleteQueue(uri, name);
});

test('quorum cluster to warren under load: address stays, definitions are carried, nothing is lost', async () => {
  const holder = await vipHolder(stack);
  const before = stack.leaders(balancers);
  const watch = watchVip(stack);
  const client = { uri, queues: busy, file: ledgerFile('swap'), ratePerSecond: 100 };
  const limits = { maxMessages: 10_000, minimumConfirmed: 500 };
  const account = await publishDuring({ ...client, ...limits }, async () => {
    const { tookMs } = await stack.up('--topology', 'warren', '--move-messages');
    figure('swap, ms', tookMs);
  });
  expect(await watch.end()).toEqual(new Set([holder]));
  figure('swap under load', describeAccount(account));
  // Who never lost a connection was not swapped.
  expect(account.reconnects).toBeGreaterThan(0);
  expect(stack.leaders(balancers)).toEqual(before);
  expect(stack.leaders(cluster)).toEqual(cluster.map(() => undefined));
  for (const host of pair) await expectDefinitions(stack, host);
  await probeMessage({ uri, deadlineMs: 20_000 });
  const status = await stack.status();
  expect(status.topology).toBe('warren');
  expect(status.brokers.map(({ name, running }) => ({ name, running }))).toEqual(
    pair.map((name) => ({ name, running: true })),
  );
});

test('warren to quorum cluster with --move-messages: each queue has its own afterwards', async () => {
  const bodies = (name: string, count: number): string[] =>
    Array.from({ length: count }, (_, index) => `${name} ${String(index).padStart(3, '0')}`);
  for (const [name, count] of laden) await publish(uri, name, bodies(name, count));
  const before = stack.leaders(balancers);
  const { tookMs } = await stack.up('--reset', '--move-messages');
  figure('swap that carries messages, ms', tookMs);
  expect(stack.leaders(balancers)).toEqual(before);
  expect(stack.leaders(pair)).toEqual(pair.map(() => undefined));
  await expectDefinitions(stack, cluster[0] ?? '');
  for (const [name, count] of laden) {
    const moved = await drainQueues({ uri, queues: [name], deadlineMs: 20_000 });
    expect(moved.sort()).toEqual(bodies(name, count));
  }
});
