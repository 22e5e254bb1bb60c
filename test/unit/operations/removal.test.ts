import { describe, expect, it } from 'vitest';
import type { Channel, LiveHost, RunResult } from '../../../infra/operations/channel.ts';
import { onlyCopies } from '../../../infra/operations/service/removal/inspect.ts';
import { removeBrokers } from '../../../infra/operations/service/removal/remove.ts';
import { behindOf } from '../../../infra/operations/service/removal/streams.ts';

const nodeOf = (n: number): string => `rabbit@broker-${n}`;
const host = (n: number, state: LiveHost['state'] = 'running'): LiveHost => ({
  name: `broker-${n}`,
  state,
  zone: 'a',
  address: '10.0.0.1',
  labels: { roles: 'broker', topology: 'quorum-cluster', cluster: 'mq', node: nodeOf(n) },
});
const five = [1, 2, 3, 4, 5].map((n) => host(n));
const names = (...ns: number[]): string[] => ns.map((n) => `broker-${n}`);

interface FakeQueue {
  readonly name: string;
  readonly type: 'quorum' | 'classic';
  members: string[];
}
const quorum = (name: string, ...on: number[]): FakeQueue => ({
  name,
  type: 'quorum',
  members: on.map(nodeOf),
});

/** A cluster that does what it is told, and keeps what changes it. */
function cluster(hosts: readonly LiveHost[], queues: readonly FakeQueue[], stubborn?: string) {
  const members = new Map(hosts.map(({ labels, state }) => [labels['node'], state === 'running']));
  const ran: string[] = [];
  const answer = (value: unknown): string =>
    `answer:${Buffer.from(JSON.stringify(value)).toString('base64')}\n`;
  const told = (command: string, input: string): string => {
    if (input.includes('osiris')) return answer([]);
    if (command.endsWith('mq-eval')) {
      const found = queues.filter(({ type }) => type === 'quorum');
      return answer(found.map((queue) => ({ vhost: '/', wanted: null, ...queue })));
    }
    if (command.includes('/api/nodes')) {
      return JSON.stringify([...members].map(([name, running]) => ({ name, running })));
    }
    if (command.includes('page_size')) return JSON.stringify({ total_count: queues.length });
    if (command.includes('/api/queues')) {
      return JSON.stringify(
        queues.map(({ members: [node], ...queue }) => ({
          vhost: '/',
          durable: true,
          exclusive: false,
          node,
          ...queue,
        })),
      );
    }
    return '';
  };
  const act = (command: string): void => {
    const [verb = '', node = ''] = command.split('--silent ')[1]?.split(' ') ?? [];
    for (const queue of queues) {
      if (verb === 'grow' && !queue.members.includes(node)) queue.members.push(node);
      if (verb === 'shrink' && queue.name !== stubborn) {
        queue.members = queue.members.filter((member) => member !== node);
      }
    }
    if (verb === 'forget_cluster_node') members.delete(node);
  };
  const run: Channel['run'] = (name, argv, { input = '' } = {}) => {
    const command = argv.join(' ');
    if (!command.includes('mq-api') && /grow|shrink|forget|drain|disable|taken-out/.test(command)) {
      ran.push(`${name} ${command.replace(/^.*(?:sbin\/|--silent )/, '').slice(0, 60)}`);
    }
    act(command);
    const result: RunResult = { code: 0, stdout: told(command, input), stderr: '' };
    return Promise.resolve(result);
  };
  return { channel: { hosts: () => Promise.resolve(hosts), run }, ran };
}

describe('taking brokers out', () => {
  it('goes from the last one down, each drained, without members, stopped, then forgotten', async () => {
    const queues = [quorum('orders', 1, 2, 3, 4, 5)];
    const { channel, ran } = cluster(five, queues);
    await removeBrokers(channel, names(4, 5), names(1, 2, 3));
    const steps = (n: number): string[] => [
      `broker-${n} broker-drain 600`,
      `broker-1 shrink rabbit@broker-${n}`,
      `broker-${n} systemctl disable --quiet --now rabbitmq-server.service`,
      `broker-1 forget_cluster_node rabbit@broker-${n}`,
      expect.stringContaining(`broker-${n} sh -c cd /var/lib/rabbitmq`) as string,
    ];
    expect(ran).toEqual([...steps(5), ...steps(4)]);
    expect(queues[0]?.members).toEqual([1, 2, 3].map(nodeOf));
  });

  it('first gives a queue as many members among those that stay', async () => {
    const queues = [quorum('small', 1, 4, 5)];
    const { channel, ran } = cluster(five, queues);
    await removeBrokers(channel, names(4, 5), names(1, 2, 3));
    expect(ran.slice(0, 3)).toEqual([
      'broker-1 grow rabbit@broker-2 all',
      'broker-1 grow rabbit@broker-3 all',
      'broker-5 broker-drain 600',
    ]);
    expect(queues[0]?.members).toEqual([1, 2, 3].map(nodeOf));
  });

  it('goes on where it was interrupted', async () => {
    const left = five.slice(0, 4);
    const { channel, ran } = cluster(left, [quorum('orders', 1, 2, 3, 4)]);
    const all = { ...channel, hosts: () => Promise.resolve(five) };
    await removeBrokers(all, names(4, 5), names(1, 2, 3));
    expect(ran[0]).toContain('broker-5 sh -c');
    expect(ran[1]).toBe('broker-4 broker-drain 600');
    expect(ran.filter((line) => line.includes('forget'))).toEqual([
      'broker-1 forget_cluster_node rabbit@broker-4',
    ]);
  });

  it('takes out one whose host is off without asking it', async () => {
    const hosts = [...five.slice(0, 4), host(5, 'stopped')];
    const { channel, ran } = cluster(hosts, [quorum('orders', 1, 2, 3, 4, 5)]);
    await removeBrokers(channel, names(5), names(1, 2, 3, 4));
    expect(ran).toEqual([
      'broker-1 shrink rabbit@broker-5',
      'broker-1 forget_cluster_node rabbit@broker-5',
    ]);
  });

  it.each([
    [
      'a broker that stays is down',
      [host(1), host(2, 'stopped'), ...five.slice(2)],
      [],
      'down: broker-2',
    ],
    [
      'a classic queue has its only copy there',
      five,
      [{ name: 'invoices', type: 'classic', members: [nodeOf(5)] } as const],
      'invoices in vhost /',
    ],
  ])('is refused, and changes nothing, when %s', async (_what, hosts, queues, words) => {
    const { channel, ran } = cluster(
      hosts,
      queues.map((queue) => ({ ...queue, members: [...queue.members] })),
    );
    await expect(removeBrokers(channel, names(4, 5), names(1, 2, 3))).rejects.toThrow(words);
    expect(ran).toEqual([]);
  });

  it('stops before the end of a broker that a queue keeps a member on', async () => {
    const { channel, ran } = cluster(five, [quorum('stuck', 1, 2, 3, 4, 5)], 'stuck');
    await expect(removeBrokers(channel, names(5), names(1, 2, 3, 4))).rejects.toThrow(
      'queues keep a member on rabbit@broker-5: stuck in vhost /',
    );
    expect(ran.filter((line) => /disable|forget/.test(line))).toEqual([]);
  });
});

it('a classic queue with a synchronised mirror that stays has another copy', () => {
  const removal = { leaving: [host(3)], staying: [host(1), host(2)] };
  const queue = {
    vhost: '/',
    name: 'q',
    type: 'classic',
    durable: true,
    exclusive: false,
    node: nodeOf(3),
  };
  expect(onlyCopies([{ ...queue, synchronised_slave_nodes: [nodeOf(2)] }], removal)).toEqual([]);
  expect(onlyCopies([queue], removal)).toEqual([queue]);
  expect(
    onlyCopies(
      [
        { ...queue, exclusive: true },
        { ...queue, node: nodeOf(1) },
      ],
      removal,
    ),
  ).toEqual([]);
});

it('replicas of streams are measured by what the leader had when the wait began', () => {
  const log = (last: number, offset: number | null) => ({
    vhost: '/',
    name: 's',
    last,
    replicas: { [nodeOf(1)]: offset, [nodeOf(5)]: 0 },
  });
  expect(behindOf([log(9, 3)], [log(12, 8)], [nodeOf(1)])).toEqual([
    's in vhost / is at 8 of 9 on rabbit@broker-1',
  ]);
  expect(behindOf([log(9, 3)], [log(12, 9)], [nodeOf(1)])).toEqual([]);
  expect(behindOf([log(9, 3)], [log(12, null)], [nodeOf(1)])).toHaveLength(1);
});
