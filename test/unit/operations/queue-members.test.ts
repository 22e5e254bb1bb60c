import { describe, expect, test } from 'vitest';

import type { Channel, RunResult } from '../../../infra/operations/channel.ts';
import {
  exactly,
  growQueues,
  planGrowth,
  type ReplicatedQueue,
  stillWithout,
} from '../../../infra/operations/service/queue-members.ts';

const nodeOf = (n: number): string => `rabbit@broker-${n}.trial.internal`;
const nodes = [1, 2, 3, 4, 5].map(nodeOf);

function queue(
  name: string,
  on: readonly number[],
  rest: Partial<ReplicatedQueue> = {},
): ReplicatedQueue {
  return { vhost: '/', name, type: 'quorum', wanted: null, members: on.map(nodeOf), ...rest };
}
const asking = (wanted: number): Partial<ReplicatedQueue> => ({ wanted });
const named = (growths: ReturnType<typeof planGrowth>): Record<string, string[]> =>
  Object.fromEntries(growths.map(({ node, queues }) => [node, queues.map(({ name }) => name)]));

describe('the plan of new members', () => {
  test('is empty where every queue is on every broker', () => {
    expect(planGrowth([queue('a', [1, 2, 3, 4, 5])], nodes)).toEqual([]);
    expect(planGrowth([], nodes)).toEqual([]);
  });

  test('gives every queue a member on each broker that joined, without naming each', () => {
    const growths = planGrowth([queue('a', [1, 2, 3]), queue('b', [1, 2, 3])], nodes);
    expect(named(growths)).toEqual({ [nodeOf(4)]: ['a', 'b'], [nodeOf(5)]: ['a', 'b'] });
    expect(growths.map(({ all }) => all)).toEqual([true, true]);
  });

  test('goes on where it stopped', () => {
    const growths = planGrowth([queue('a', [1, 2, 3, 4]), queue('b', [1, 2, 3])], nodes);
    expect(named(growths)).toEqual({ [nodeOf(4)]: ['b'], [nodeOf(5)]: ['a', 'b'] });
  });

  test('leaves a queue alone whose client or policy asked for so many members', () => {
    const three = queue('three', [1, 2, 3], asking(3));
    const growths = planGrowth([three, queue('a', [1, 2, 3])], nodes);
    expect(named(growths)).toEqual({ [nodeOf(4)]: ['a'], [nodeOf(5)]: ['a'] });
    expect(growths.map(({ all }) => all)).toEqual([false, false]);
  });

  test('takes the brokers with the fewest members for a queue that asked for some', () => {
    const queues = ['a', 'b', 'c', 'd'].map((name) => queue(name, [1, 2, 3], asking(4)));
    expect(named(planGrowth(queues, nodes))).toEqual({
      [nodeOf(4)]: ['a', 'c'],
      [nodeOf(5)]: ['b', 'd'],
    });
  });

  test('never wants more members than there are brokers', () => {
    expect(planGrowth([queue('a', [1, 2, 3], asking(7))], nodes.slice(0, 3))).toEqual([]);
  });
});

test('what is still without a member is named; a queue that went is not missed', () => {
  const growths = planGrowth([queue('a', [1, 2, 3, 4]), queue('gone', [1, 2, 3, 4])], nodes);
  const after = [queue('a', [1, 2, 3, 4])];
  expect(named(stillWithout(growths, after))).toEqual({ [nodeOf(5)]: ['a'] });
  expect(stillWithout(growths, [queue('a', [1, 2, 3, 4, 5])])).toEqual([]);
});

test('a pattern names exactly its queues, whatever is in a name', () => {
  const names = ['orders.new', 'a|b', 'tag(1)$', 'Bestellungen'];
  const pattern = new RegExp(exactly(names));
  for (const name of names) expect(pattern.test(name)).toBe(true);
  for (const name of ['ordersXnew', 'a', 'b', 'orders.new2'])
    expect(pattern.test(name)).toBe(false);
});

describe('growing', () => {
  test('adds members, waits for their copies, then spreads the leaders', async () => {
    const { channel, ran } = cluster([queue('a', [1, 2, 3])], { copying: 1 });
    await growQueues(channel, ['broker-1', 'broker-2', 'broker-3', 'broker-4', 'broker-5']);
    expect(ran).toEqual([
      `broker-1 grow ${nodeOf(4)} all`,
      `broker-1 grow ${nodeOf(5)} all`,
      'broker-4 check',
      'broker-4 check',
      'broker-5 check',
      'broker-1 rebalance quorum',
    ]);
  });

  test('adds replicas of streams one by one, and waits for none', async () => {
    const { channel, ran } = cluster([queue('events', [1, 2, 3, 4], { type: 'stream' })]);
    await growQueues(channel, ['broker-1']);
    expect(ran).toEqual([`broker-1 add_replica --vhost / events ${nodeOf(5)}`]);
  });

  test('runs no command where nothing is missing', async () => {
    const { channel, ran } = cluster([queue('a', [1, 2, 3, 4, 5])]);
    await growQueues(channel, ['broker-1']);
    expect(ran).toEqual([]);
  });

  test('says which queues got none', async () => {
    const { channel } = cluster([queue('stuck', [1, 2, 3])], { deaf: true });
    await expect(growQueues(channel, ['broker-1'])).rejects.toThrow(
      `queues got no member on ${nodeOf(4)}: stuck in vhost /; on ${nodeOf(5)}: stuck in vhost /`,
    );
  });
});

/** Five brokers; `copying` is how often a new member is seen at work, `deaf` ones take none in. */
function cluster(
  queues: readonly ReplicatedQueue[],
  { copying = 0, deaf = false } = {},
): { channel: Channel; ran: string[] } {
  const ran: string[] = [];
  let left = copying;
  let now = queues;
  const answer = (stdout: string, code = 0): RunResult => ({ code, stdout, stderr: '' });
  const run = (host: string, argv: readonly string[]): Promise<RunResult> => {
    const path = argv.at(-1) ?? '';
    if (path.startsWith('/api/nodes')) {
      return Promise.resolve(answer(JSON.stringify(nodes.map((name) => ({ name })))));
    }
    if (path.startsWith('/api/queues')) {
      return Promise.resolve(answer(JSON.stringify({ total_count: now.length })));
    }
    if (path.endsWith('mq-eval')) {
      const encoded = Buffer.from(JSON.stringify(now)).toString('base64');
      return Promise.resolve(answer(`answer:${encoded}\n`));
    }
    const words = argv.slice(argv.indexOf('--silent') + 1);
    const [verb = '', node = ''] = words;
    ran.push(`${host} ${verb.startsWith('check') ? 'check' : words.join(' ')}`);
    if (verb === 'grow' && !deaf) {
      now = now.map((q) => ({ ...q, members: [...q.members, node] }));
    }
    if (verb.startsWith('check') && left > 0) {
      left -= 1;
      return Promise.resolve(answer('a in vhost / is not in sync', 69));
    }
    return Promise.resolve(answer(''));
  };
  return { channel: { hosts: () => Promise.resolve([]), run }, ran };
}
