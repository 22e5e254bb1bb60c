import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { waitFor } from '../../infra/wait.ts';
import { describeAccount, drainQueues, publishDuring, steadyClient } from '../lib/ledger.ts';
import { declareQueue, publish } from '../lib/rig/amqp.ts';
import { brokersAreWhole, figure, ledgerFile, mirrored as stack } from '../lib/rig/environments.ts';
import { killProgram, loseData, waitForJournal } from '../lib/rig/faults.ts';
import { apiPath, type MirroredQueue, waitForQueue } from '../lib/rig/mirrors.ts';

const brokers = stack.hosts('broker');
const [first = '', second = '', ram = ''] = brokers;
const unit = 'rabbitmq-server.service';
const wholeMs = 90_000;
const bodies = Array.from({ length: 50 }, (_, index) => `message-${index}`);
let uri = '';

beforeAll(async () => {
  await stack.down();
  const { tookMs } = await stack.up();
  figure('mirrored cluster up from nothing, ms', tookMs);
  uri = (await stack.outputs()).amqpUri;
}, 400_000);

afterAll(async () => {
  await stack.down();
}, 120_000);

test('RabbitMQ 3.10 serves as one cluster, and the RAM node is one', async () => {
  const status = await stack.status();
  expect(status.topology).toBe('mirrored-cluster');
  expect(status.brokers.map(({ version }) => version)).toEqual(
    brokers.map(() => expect.stringMatching(/^3\.10\./) as string),
  );
  const told = await stack.run(
    second,
    ['rabbitmqctl', '--silent', 'cluster_status', '--formatter', 'json'],
    60_000,
  );
  const { disk_nodes: disc, ram_nodes: inMemory } = JSON.parse(told) as Record<string, string[]>;
  expect(disc?.map(hostOf).sort()).toEqual([first, second]);
  expect(inMemory?.map(hostOf)).toEqual([ram]);
  // What is defined is on the disks of the others only.
  const schema = ['sh', '-c', 'ls /var/lib/rabbitmq/mnesia/*/schema.DAT 2> /dev/null | wc -l'];
  const files = await Promise.all(brokers.map(async (host) => stack.run(host, schema)));
  expect(files.map(Number)).toEqual([1, 1, 0]);
});

test('a master killed with -9: its synchronised mirror takes over, nothing confirmed is lost', async () => {
  const queue = 'rig.synchronised';
  const account = await publishDuring(
    steadyClient({ uri, queues: [queue], file: ledgerFile('master-killed') }),
    async (publisher) => {
      const before = await waitForQueue(stack, first, queue, isSynchronised);
      const at = brokers.find((host) => host !== before.master) ?? '';
      await killProgram(stack, before.master, 'beam.smp');
      const after = await waitForQueue(stack, at, queue, ({ master }) => master !== before.master);
      expect(before.synchronised).toContain(after.master);
      await publisher.moreConfirms(100, 60_000);
      await brokersAreWhole(stack, brokers, wholeMs);
    },
  );
  figure('master of a mirrored queue killed', describeAccount(account));
});

test('a master killed without a synchronised mirror: the queue is down until it returns, whole', async () => {
  const queue = 'rig.left';
  await stack.change(first, 'PUT', apiPath('policies', '/', 'rig-left'), {
    pattern: '^rig\\.left$',
    'apply-to': 'queues',
    priority: 1,
    definition: {
      'ha-mode': 'exactly',
      'ha-params': 2,
      'ha-sync-mode': 'manual',
      'ha-promote-on-failure': 'when-synced',
    },
  });
  await declareQueue(uri, queue);
  await publish(uri, queue, bodies);
  // The mirror dies; another one begins, and gets nothing of what the queue holds.
  const full = await waitForQueue(stack, first, queue, isSynchronised);
  await killProgram(stack, full.synchronised[0] ?? '', 'beam.smp');
  await waitForQueue(
    stack,
    full.master,
    queue,
    ({ mirrors, synchronised }) => mirrors.length === 1 && synchronised.length === 0,
  );
  await brokersAreWhole(stack, brokers, wholeMs);

  await stack.run(full.master, ['systemctl', 'mask', '--runtime', '--quiet', unit]);
  await killProgram(stack, full.master, 'beam.smp');
  try {
    // A promotion would take well under a second.
    await pause(5_000);
    const { queues } = await stack.status(3);
    expect(queues.mirrored.find(({ name }) => name === queue)).toMatchObject({
      master: full.master,
      state: 'down',
    });
  } finally {
    await stack.run(full.master, ['systemctl', 'unmask', '--runtime', '--quiet', unit]);
    await stack.run(full.master, ['systemctl', 'start', unit], wholeMs);
  }
  await brokersAreWhole(stack, brokers, wholeMs);
  expect(await drainQueues({ uri, queues: [queue], deadlineMs: 60_000 })).toEqual(bodies);
});

test('all brokers stopped, and started in the worst order, are the same cluster again', async () => {
  const queue = 'rig.kept';
  await declareQueue(uri, queue);
  await publish(uri, queue, bodies);
  const waitedBefore = Number(await stack.run(first, ['sh', '-c', countWaits]));
  for (const host of [first, ram, second])
    await stack.run(host, ['systemctl', 'stop', unit], wholeMs);
  // The first to stop cannot know what the others did after it, and a RAM node knows nothing.
  for (const host of [first, ram])
    await stack.run(host, ['systemctl', 'start', '--no-block', unit]);
  await waitFor(
    async () => {
      const waits = await stack.run(first, ['sh', '-c', countWaits]);
      return Number(waits) > waitedBefore
        ? { done: true, value: true }
        : { seen: `${waits.trim()} lines of waiting` };
    },
    { subject: `${first} to wait for ${second}`, deadlineMs: 60_000, intervalMs: 250 },
  );
  await expect(stack.api(first, '/api/nodes')).rejects.toThrow();
  await stack.run(second, ['systemctl', 'start', '--no-block', unit]);
  await brokersAreWhole(stack, brokers, wholeMs);
  expect(await drainQueues({ uri, queues: [queue], deadlineMs: 60_000 })).toEqual(bodies);
});

test('a founder without data that starts first makes no second cluster, and joins its own', async () => {
  const queue = 'rig.kept';
  await publish(uri, queue, bodies);
  for (const host of [first, ram, second])
    await stack.run(host, ['systemctl', 'stop', unit], wholeMs);
  await loseData(stack, first);
  await stack.run(first, ['systemctl', 'start', '--no-block', unit]);
  await waitForJournal(
    stack,
    first,
    'await-cluster',
    /waiting for .*rabbit-2\S* has been in a cluster/,
  );
  for (const host of [ram, second])
    await stack.run(host, ['systemctl', 'start', '--no-block', unit]);
  await brokersAreWhole(stack, brokers, wholeMs);
  expect(await drainQueues({ uri, queues: [queue], deadlineMs: 60_000 })).toEqual(bodies);
});

test('all brokers killed at once come back by themselves, with what was confirmed', async () => {
  const queue = 'rig.kept';
  await publish(uri, queue, bodies);
  await Promise.all(brokers.map(async (host) => killProgram(stack, host, 'beam.smp')));
  await brokersAreWhole(stack, brokers, wholeMs);
  expect(await drainQueues({ uri, queues: [queue], deadlineMs: 60_000 })).toEqual(bodies);
});

test('a swap to a quorum cluster says what is lost, and brings definitions and messages', async () => {
  const put = async (path: string, body: object) => stack.change(first, 'PUT', path, body);
  await put(apiPath('queues', '/', 'rig.old'), {
    durable: true,
    arguments: { 'x-ha-policy': 'all', 'x-queue-master-locator': 'min-masters' },
  });
  await put(apiPath('queues', '/', 'rig.ranked'), {
    durable: true,
    arguments: { 'x-max-priority': 5 },
  });
  await put(apiPath('policies', '/', 'rig-limit'), {
    pattern: '^rig\\.old$',
    priority: 2,
    definition: { 'ha-mode': 'all', 'max-length': 100 },
  });
  await publish(uri, 'rig.old', bodies);
  const { stderr } = await stack.up('--topology', 'quorum-cluster', '--move-messages');
  expect(stderr).toContain('rig.ranked in vhost /: quorum queues have no x-max-priority');
  expect(stderr).toContain('policy rig-left in vhost /: ');
  const [broker = ''] = stack.hosts('broker', { topology: 'quorum-cluster' });
  // The management API tells of a queue's policy with its next statistics, 5 s later at most.
  const queue = await waitFor(
    async () => {
      const told = await stack.api<Record<string, unknown>>(
        broker,
        apiPath('queues', '/', 'rig.old'),
      );
      return 'policy' in told ? { done: true, value: told } : { seen: Object.keys(told).join(' ') };
    },
    { subject: 'the policy of rig.old to be told', deadlineMs: 20_000, intervalMs: 250 },
  );
  expect(queue).toMatchObject({
    type: 'quorum',
    policy: 'rig-limit',
    arguments: { 'x-queue-type': 'quorum', 'x-queue-leader-locator': 'balanced' },
  });
  const policies = await stack.api<{ name: string; definition: object }[]>(broker, '/api/policies');
  const byName = policies.toSorted((a, b) => (a.name < b.name ? 1 : -1));
  expect(byName.map(({ name, definition }) => ({ name, definition }))).toEqual([
    { name: 'rig-limit', definition: { 'max-length': 100, 'target-group-size': 3 } },
    { name: 'rig-left', definition: { 'target-group-size': 3 } },
  ]);
  const moved = await drainQueues({ uri, queues: ['rig.old'], deadlineMs: 30_000 });
  expect(moved.sort()).toEqual([...bodies].sort());
});

const countWaits =
  'cat /var/log/rabbitmq/rabbit@*.log | grep -c "Waiting for Mnesia tables" || true';

const hostOf = (node: string): string => node.replace(/^rabbit@/, '').split('.')[0] ?? '';

const isSynchronised = ({ mirrors, synchronised }: MirroredQueue): boolean =>
  mirrors.length > 0 && synchronised.length === mirrors.length;
