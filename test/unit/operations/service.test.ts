import { describe, expect, it } from 'vitest';
import type { Channel, LiveHost, RunResult } from '../../../infra/operations/channel.ts';
import { refusedChange, removedBrokers } from '../../../infra/operations/service/change.ts';
import { carryDefinitions } from '../../../infra/operations/service/definitions.ts';
import { retireService } from '../../../infra/operations/service/retire.ts';
import { stoppedBrokers } from '../../../infra/operations/service/survey.ts';
import { inspectSwap, refusedSwap } from '../../../infra/operations/service/swap.ts';

/** What one queue of a fake broker holds; each call of mq-drain moves at most `perDrain`. */
interface FakeQueue {
  messages: number | null;
  readonly stream?: boolean;
}

interface FakeEnvironment {
  readonly channel: Channel;
  /** `host command` of everything that was run. */
  readonly ran: string[];
}

const host = (name: string, labels: Record<string, string>, state = 'running'): LiveHost => ({
  name,
  state: state as LiveHost['state'],
  zone: 'a',
  address: `10.0.0.${name.length}`,
  labels: { roles: 'broker', ...labels },
});

function environment(
  hosts: readonly LiveHost[],
  queues: Record<string, Record<string, FakeQueue>>,
  perDrain = Infinity,
  /** Of hosts that share a broker the one that has it. */
  serving = '',
): FakeEnvironment {
  const ran: string[] = [];
  const answer = (stdout: string, code = 0): RunResult => ({ code, stdout, stderr: '' });
  const run: Channel['run'] = (name, argv, { input = '' } = {}) => {
    const text = argv[0]?.endsWith('mq-eval') === true ? `mq-eval ${input}` : argv.join(' ');
    ran.push(`${name} ${text.slice(0, 200)}`);
    if (text.includes('is-active')) {
      const active = name === serving && text.includes('rabbitmq-server');
      return Promise.resolve(answer('', active ? 0 : 3));
    }
    if (text.includes('query_messages_total')) {
      const counted = Object.entries(queues[name] ?? {}).map(([queue, { messages, stream }]) => ({
        vhost: '/',
        name: queue,
        messages,
        stream: stream === true,
      }));
      return Promise.resolve(
        answer(`answer:${Buffer.from(JSON.stringify(counted)).toString('base64')}\n{ok, ok}`),
      );
    }
    if (text.startsWith('mq-eval')) return Promise.resolve(answer('answer:\n'));
    if (text.includes('mq-drain')) {
      const source = hosts.find(
        (one) => (one.labels['brokerAddress'] ?? one.address) === argv[1] && one.name in queues,
      );
      for (const queue of Object.values(queues[source?.name ?? ''] ?? {})) {
        if (queue.stream !== true) queue.messages = Math.max(0, (queue.messages ?? 0) - perDrain);
      }
    }
    return Promise.resolve(
      answer(text.includes('mq-api GET') ? (text.includes('queues') ? '[]' : '{}') : 'ok'),
    );
  };
  return { channel: { hosts: () => Promise.resolve(hosts), run }, ran };
}

const old = host('broker-1', { topology: 'quorum-cluster', cluster: 'c' });
const successor = host('rabbit-a', { topology: 'warren', cluster: 'a' });

describe('retiring brokers', () => {
  it('refuses to take down an environment whose queues hold messages, and touches nothing', async () => {
    const { channel, ran } = environment([old], { 'broker-1': { orders: { messages: 3 } } });
    await expect(retireService(channel, ['broker-1'], 'keep')).rejects.toThrow(
      'taking the environment down would lose messages: 3 in 1 queue: orders in vhost /: 3',
    );
    const changing = /mq-drain|close_all|systemctl|mq-api (PUT|POST|DELETE)/;
    expect(ran.length).toBeGreaterThan(0);
    expect(ran.filter((line) => changing.test(line))).toEqual([]);
  });

  it('lets go of empty brokers, and of anything when told to discard', async () => {
    const empty = environment([old], { 'broker-1': { orders: { messages: 0 } } });
    await expect(retireService(empty.channel, ['broker-1'], 'keep')).resolves.toBeUndefined();
    const full = environment([old], { 'broker-1': { orders: { messages: 3 } } });
    await expect(retireService(full.channel, ['broker-1'], 'discard')).resolves.toBeUndefined();
    expect(full.ran).toEqual([]);
  });

  it('refuses while a queue does not say what it holds', async () => {
    const { channel } = environment([old], { 'broker-1': { orders: { messages: null } } });
    await expect(retireService(channel, ['broker-1'], 'keep')).rejects.toThrow(
      'no broker of c answers, so nobody knows which messages its queues hold',
    );
  });

  it('cuts sessions and moves what is left to the successor, in as many goes as it takes', async () => {
    const { channel, ran } = environment(
      [old, successor],
      { 'broker-1': { orders: { messages: 250 } } },
      100,
    );
    await retireService(channel, ['broker-1'], 'keep');
    const drains = ran.filter((line) => line.startsWith('rabbit-a /usr/local/sbin/mq-drain'));
    expect(drains).toHaveLength(3);
    const cut = ran.findIndex((line) => line.includes('close_all_client_connections'));
    expect(cut).toBeGreaterThanOrEqual(0);
    expect(cut).toBeLessThan(ran.findIndex((line) => line.includes('mq-drain')));
    // Who is cut finds the doors closed, up to the end.
    const closed = ran.findIndex((line) => line.startsWith('broker-1 nft'));
    expect(closed).toBeGreaterThanOrEqual(0);
    expect(closed).toBeLessThan(cut);
    // And again before each further look at what is left.
    expect(ran.filter((line) => line.includes('nft'))).toHaveLength(1 + drains.length);
  });

  describe('of hosts that share a broker', () => {
    const shared = { topology: 'drbd-pacemaker', cluster: 'd', node: 'rabbit@broker.x' };
    const labels = { ...shared, brokerAddress: '10.0.0.99' };
    const pair = [host('drbd-a', labels), host('drbd-b', labels)];
    const names = pair.map(({ name }) => name);
    const asked = (ran: readonly string[], name: string): string[] =>
      ran.filter((line) => line.startsWith(`${name} mq-eval`));

    it('stops none that another host of them runs', async () => {
      const stopped = (hosts: readonly LiveHost[], serving?: string): Promise<string[]> =>
        stoppedBrokers(environment(hosts, {}, Infinity, serving).channel);
      expect(await stopped(pair, 'drbd-b')).toEqual([]);
      expect(await stopped(pair)).toEqual(['drbd-a', 'drbd-b']);
      const three = ['broker-1', 'broker-2'].map((name) => host(name, { node: `rabbit@${name}` }));
      const off = host('broker-3', { node: 'rabbit@broker-3' }, 'stopped');
      expect(await stopped([...three, off], 'broker-1')).toEqual(['broker-2']);
    });

    it('asks the one that has it, and moves from its own address', async () => {
      const { channel, ran } = environment(
        [...pair, successor],
        { 'drbd-b': { orders: { messages: 250 } } },
        Infinity,
        'drbd-b',
      );
      await retireService(channel, names, 'keep');
      expect(asked(ran, 'drbd-a')).toEqual([]);
      expect(ran).toContain('rabbit-a /usr/local/sbin/mq-drain 10.0.0.99');
      // Whoever gets it later lets nobody in either.
      for (const name of names)
        expect(ran.some((line) => line.startsWith(`${name} nft`))).toBe(true);
    });

    it('says so where none has it', async () => {
      const { channel, ran } = environment(pair, { 'drbd-b': { orders: { messages: 250 } } });
      await expect(retireService(channel, names, 'keep')).rejects.toThrow('no broker of d answers');
      expect(ran.filter((line) => line.includes('mq-eval'))).toEqual([]);
    });
  });

  it('stops when moving gets nowhere, and keeps the brokers', async () => {
    const { channel, ran } = environment(
      [old, successor],
      { 'broker-1': { orders: { messages: 250 } } },
      0,
    );
    await expect(retireService(channel, ['broker-1'], 'keep')).rejects.toThrow(
      'removing the former brokers would lose messages',
    );
    expect(ran.filter((line) => line.includes('mq-drain'))).toHaveLength(1);
    expect(ran.at(-1)).toMatch(/^broker-1 nft add table (.*)\ndelete table \1$/);
  });
});

describe('a swap', () => {
  const swap = { from: 'quorum-cluster', to: 'warren' };
  const queue = { vhost: '/', queue: 'orders', messages: 2, type: 'queue' } as const;
  const stream = { vhost: '/', queue: 'events', messages: 9, type: 'stream' } as const;

  it.each([
    ['keep', [queue], 'whose queues hold messages'],
    ['move', [queue, stream], 'with streams, which cannot be carried over'],
    ['keep', [stream], 'with streams, which cannot be carried over'],
  ] as const)('with messages and %s is refused', (policy, held, words) => {
    expect(refusedSwap(swap, { held }, policy)?.message).toContain(words);
  });

  it('with messages to be moved that a full queue would refuse is refused', () => {
    const refusing = { ...queue, refuses: true } as const;
    const refusal = refusedSwap(swap, { held: [queue, refusing] }, 'move');
    expect(refusal?.message).toContain('would lose messages: 2 in 1 queue: orders in vhost /: 2');
    expect(refusal?.parts.fix).toContain('take overflow out of their policy');
    expect(refusedSwap(swap, { held: [refusing] }, 'discard')).toBeUndefined();
  });

  it.each([
    ['keep', []],
    ['move', [queue]],
    ['discard', [queue, stream]],
  ] as const)('with %s goes ahead', (policy, held) => {
    expect(refusedSwap(swap, { held }, policy)).toBeUndefined();
  });
});

describe('an unfinished swap', () => {
  it('that meets messages says how to go on and how to go back', async () => {
    const { channel } = environment([old, successor], { 'broker-1': { orders: { messages: 3 } } });
    await expect(
      inspectSwap(channel, { topology: 'warren', brokers: 2 }, 'keep'),
    ).rejects.toMatchObject({
      parts: {
        what: expect.stringContaining('an unfinished swap') as string,
        fix: 'go on with --topology warren --move-messages, or go back with --topology quorum-cluster',
      },
    });
  });

  it('goes on when told to move them', async () => {
    const { channel } = environment([old, successor], { 'broker-1': { orders: { messages: 3 } } });
    await expect(
      inspectSwap(channel, { topology: 'warren', brokers: 2 }, 'move'),
    ).resolves.toMatchObject({
      from: 'quorum-cluster',
      to: 'warren',
    });
  });
});

describe('a change of a live environment', () => {
  const before = {
    topology: 'quorum-cluster',
    brokers: ['broker-1', 'broker-2', 'broker-3'],
    settled: { domain: 'a.internal', 'quorumCluster.metadataStore': 'khepri' },
  };

  it('of what brokers keep for life is refused, with both values', () => {
    const next = { ...before, settled: { ...before.settled, domain: 'b.internal' } };
    const parts = refusedChange(before, next)?.parts;
    expect(parts).toMatchObject({ value: 'b.internal', allowed: 'a.internal' });
    expect(parts?.what).toContain('domain');
  });

  it('to more brokers or another topology is not refused, and no removal', () => {
    expect(
      refusedChange(before, { ...before, brokers: [...before.brokers, 'broker-4', 'broker-5'] }),
    ).toBeUndefined();
    const warren = {
      topology: 'warren',
      brokers: ['rabbit-a', 'rabbit-b'],
      settled: { domain: 'a.internal', 'warren.metadataStore': 'mnesia' },
    };
    expect(refusedChange(before, warren)).toBeUndefined();
    expect(removedBrokers(before, warren)).toEqual([]);
    expect(removedBrokers(before, { ...before, brokers: ['broker-1'] })).toEqual([
      'broker-2',
      'broker-3',
    ]);
  });
});

describe('definitions', () => {
  it("leave links and the cluster's own name behind, and say so", () => {
    const carried = carryDefinitions({
      queues: [{ name: 'orders', vhost: '/' }],
      parameters: [
        { component: 'shovel', name: 'to-site-b', vhost: '/' },
        { component: 'operator_policy', name: 'limits', vhost: '/' },
      ],
      global_parameters: [{ name: 'cluster_name' }, { name: 'mqtt_default_vhosts' }],
    });
    expect(carried.definitions.parameters?.map(({ name }) => name)).toEqual(['limits']);
    expect(carried.definitions.global_parameters?.map(({ name }) => name)).toEqual([
      'mqtt_default_vhosts',
    ]);
    expect(carried.definitions.queues).toHaveLength(1);
    expect(carried.leftBehind).toHaveLength(1);
    expect(carried.leftBehind[0]).toContain('to-site-b');
  });
});
