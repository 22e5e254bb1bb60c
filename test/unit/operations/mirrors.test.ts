import { expect, test } from 'vitest';
import { queuesAnswer } from '../../../infra/operations/status/answers.ts';
import { mirroredQueues, mirrorTroubles } from '../../../infra/operations/status/mirrors.ts';
import type { EnvironmentStatus, MirroredQueue } from '../../../infra/operations/status/model.ts';

const node = (broker: string): string => `rabbit@${broker}.rig-mirrored.internal`;

/** As three brokers with RabbitMQ 3.10.8 answered, one of them dead; and an unmirrored queue. */
const answered = queuesAnswer.parse([
  {
    name: 'orders',
    node: node('rabbit-2'),
    slave_nodes: [node('rabbit-1')],
    synchronised_slave_nodes: [node('rabbit-1')],
    type: 'classic',
    vhost: '/',
  },
  {
    name: 'left',
    node: node('rabbit-3'),
    slave_nodes: [node('rabbit-1')],
    synchronised_slave_nodes: [],
    type: 'classic',
    vhost: '/',
  },
  {
    name: 'behind',
    node: node('rabbit-1'),
    slave_nodes: [node('rabbit-2')],
    synchronised_slave_nodes: [],
    type: 'classic',
    vhost: '/',
  },
  { name: 'plain', node: node('rabbit-1'), type: 'classic', vhost: '/' },
  { name: 'quorum', leader: node('rabbit-1'), type: 'quorum', vhost: '/' },
]);

const mirrored = mirroredQueues(answered, {
  nameOf: (name) => name.replace(/^rabbit@/, '').split('.')[0] ?? '',
  isRunning: (name) => name !== node('rabbit-3'),
});

test('mirrored queues have a master, mirrors and the state of each; others are not listed', () => {
  expect(mirrored).toEqual([
    {
      vhost: '/',
      name: 'behind',
      master: 'rabbit-1',
      state: 'running',
      mirrors: [{ broker: 'rabbit-2', synchronised: false }],
    },
    {
      vhost: '/',
      name: 'left',
      master: 'rabbit-3',
      state: 'down',
      mirrors: [{ broker: 'rabbit-1', synchronised: false }],
    },
    {
      vhost: '/',
      name: 'orders',
      master: 'rabbit-2',
      state: 'running',
      mirrors: [{ broker: 'rabbit-1', synchronised: true }],
    },
  ]);
});

const troublesOf = (queues: readonly MirroredQueue[]): string[] =>
  mirrorTroubles({ queues: { leaders: {}, mirrored: queues } } as unknown as EnvironmentStatus);

test('what they lack is told, of many queues the first few', () => {
  expect(troublesOf(mirrored)).toEqual([
    'queue behind in vhost /: its mirror on rabbit-2 is not synchronised',
    'queue left in vhost / is down: it waits for its master on rabbit-3',
  ]);
  const bare = { ...mirrored[2], mirrors: [] } as unknown as MirroredQueue;
  const many = troublesOf(Array.from({ length: 9 }, () => bare));
  expect(many).toHaveLength(6);
  expect(many[0]).toBe('queue orders in vhost / has no mirror');
  expect(many.at(-1)).toBe('4 more mirrored queues lack copies');
});
