import { beforeAll, expect, test } from 'vitest';

import { probeMessage } from '../../infra/operations/amqp-probe.ts';
import { drainQueues } from '../lib/ledger.ts';
import { declareQueue, publish } from '../lib/rig/amqp.ts';
import { expectDefinitions, makeDefinitions } from '../lib/rig/definitions.ts';
import { figure, quorum as stack } from '../lib/rig/environments.ts';
import { vipHolder, watchVip } from '../lib/rig/network.ts';

const queue = 'rig.held';
const messages = ['one', 'two', 'three'];
const balancers = stack.hosts('balancer');
const cluster = stack.hosts('broker');
const pair = stack.hosts('broker', { topology: 'warren' });
let uri = '';

beforeAll(async () => {
  await stack.up('--reset', '--discard-messages');
  uri = (await stack.outputs()).amqpUri;
  await makeDefinitions(stack, cluster[0] ?? '');
  await declareQueue(uri, queue);
  // An environment that was up before may hold what a failed run left.
  await drainQueues({ uri, queues: [queue], deadlineMs: 20_000 });
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

test('quorum cluster to warren: balancers and address stay, definitions are carried', async () => {
  const holder = await vipHolder(stack);
  const before = stack.leaders(balancers);
  const watch = watchVip(stack);
  const { tookMs } = await stack.up('--topology', 'warren');
  expect(await watch.end()).toEqual(new Set([holder]));
  figure('swap, ms', tookMs);
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

test('warren to quorum cluster with --move-messages: they are there afterwards', async () => {
  await publish(uri, queue, messages);
  const before = stack.leaders(balancers);
  await stack.up('--reset', '--move-messages');
  expect(stack.leaders(balancers)).toEqual(before);
  expect(stack.leaders(pair)).toEqual(pair.map(() => undefined));
  await expectDefinitions(stack, cluster[0] ?? '');
  const moved = await drainQueues({ uri, queues: [queue], deadlineMs: 20_000 });
  expect(moved.sort()).toEqual([...messages].sort());
});
