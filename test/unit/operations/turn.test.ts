import { describe, expect, it } from 'vitest';
import type { Channel, LiveHost, RunResult } from '../../../infra/operations/channel.ts';
import { differingParts, takeTurn } from '../../../infra/operations/turn/index.ts';

const madeOf = { image: 'ami-1', type: 'm7g.large', userData: 'one' };
const next = { ...madeOf, userData: 'two' };

const host = (name: string, rest: Partial<LiveHost> = {}): LiveHost => ({
  name,
  state: 'running',
  zone: 'a',
  address: '10.0.0.1',
  madeOf,
  ...rest,
  labels: {
    roles: name.replace(/-.*/, ''),
    topology: 'quorum-cluster',
    cluster: 'mq',
    node: `rabbit@${name}`,
    ...rest.labels,
  },
});
const three = ['broker-1', 'broker-2', 'broker-3'].map((name) => host(name));
const two = ['balancer-1', 'balancer-2'].map((name) => host(name));

type Answer = Partial<RunResult> | undefined;

/** Hosts on which all is well but for what `differs` says; keeps what was run. */
function environment(
  hosts: readonly LiveHost[],
  differs: (host: string, command: string) => Answer = () => undefined,
): { channel: Channel; ran: string[] } {
  const ran: string[] = [];
  let holder = 'balancer-1';
  const usual = (name: string, command: string): Answer => {
    if (command.includes('is-system-running')) return { stdout: 'running' };
    if (command.includes('/api/nodes')) {
      const nodes = hosts.map(({ labels }) => ({ name: labels['node'], running: true }));
      return { stdout: JSON.stringify(nodes) };
    }
    if (command === 'systemctl stop keepalived.service') holder = 'balancer-2';
    if (command.endsWith('balancer-status')) {
      const servers = [{ backend: 'amqp', server: 'broker-1', state: 'UP', sessions: 0 }];
      return { stdout: JSON.stringify({ vip: name === holder, servers }) };
    }
    return undefined;
  };
  const run: Channel['run'] = (name, argv) => {
    const command = argv.join(' ');
    ran.push(`${name} ${command}`);
    const answer = differs(name, command) ?? usual(name, command);
    return Promise.resolve({ code: 0, stdout: '', stderr: '', ...answer });
  };
  return { channel: { hosts: () => Promise.resolve(hosts), run }, ran };
}

const changing = (ran: readonly string[]): string[] =>
  ran.filter((line) => /broker-drain|systemctl (stop|start)/.test(line));

describe('what a host is made of', () => {
  it('is compared with what its target tells, part by part', () => {
    expect(differingParts(three, { host: 'broker-1', madeOf })).toEqual([]);
    expect(differingParts(three, { host: 'broker-1', madeOf: { ...next, zone: 'b' } })).toEqual([
      'userData',
    ]);
  });

  it('is nothing while the host is not there or does not run', () => {
    const stopped = [host('broker-1', { state: 'stopped' })];
    expect(differingParts(stopped, { host: 'broker-1', madeOf: next })).toBeUndefined();
    expect(differingParts([], { host: 'broker-1', madeOf: next })).toBeUndefined();
  });
});

describe("a broker's turn", () => {
  it('waits until the load balancer leads to all others, too', async () => {
    const { channel, ran } = environment(three);
    const looks: string[] = [];
    const targetStates = (group: string): Promise<ReadonlyMap<string, string>> => {
      looks.push(group);
      const state = looks.length > 1 ? 'healthy' : 'initial';
      return Promise.resolve(
        new Map([
          ['broker-1', state],
          ['broker-3', 'healthy'],
        ]),
      );
    };
    const succession = { host: 'broker-2', madeOf: next, targetGroups: ['amqp'] };
    await takeTurn({ ...channel, targetStates }, succession, { deadlineMs: 5_000 });
    expect(looks).toEqual(['amqp', 'amqp']);
    expect(changing(ran)).toEqual(['broker-2 /usr/local/sbin/broker-drain 5']);
    const never = () => Promise.resolve(new Map([['broker-1', 'healthy']]));
    await expect(
      takeTurn({ ...channel, targetStates: never }, succession, { deadlineMs: 900 }),
    ).rejects.toThrow('broker-3 is not registered in amqp');
    expect(changing(ran)).toHaveLength(1);
  });

  it('waits for all others, then drains it', async () => {
    let looks = 0;
    const { channel, ran } = environment(three, (name, command) => {
      if (name !== 'broker-1' || !command.includes('/api/nodes')) return undefined;
      looks += 1;
      const nodes = three.map(({ labels }) => ({ name: labels['node'], running: looks > 1 }));
      return { stdout: JSON.stringify(nodes) };
    });
    await takeTurn(channel, { host: 'broker-2', madeOf: next }, { deadlineMs: 5_000 });
    expect(looks).toBe(2);
    expect(changing(ran)).toEqual(['broker-2 /usr/local/sbin/broker-drain 5']);
    expect(ran.at(-1)).toBe('broker-2 /usr/local/sbin/broker-drain 5');
    const asked = new Set(ran.slice(0, -1).map((line) => line.split(' ')[0]));
    expect([...asked]).toEqual(['broker-1', 'broker-3']);
  });

  it('does not come while another one misses a member; the host stays as it was', async () => {
    const { channel, ran } = environment(three, (name, command) =>
      name === 'broker-3' && command.includes('/api/nodes')
        ? { stdout: JSON.stringify([{ name: 'rabbit@broker-3', running: true }]) }
        : undefined,
    );
    await expect(
      takeTurn(channel, { host: 'broker-2', madeOf: next }, { deadlineMs: 900 }),
    ).rejects.toThrow(
      'broker broker-3 to serve, before broker-2 is replaced after 900 ms; last seen: it does not see rabbit@broker-1',
    );
    expect(changing(ran)).toEqual([]);
  });

  it('does not come while copies of queues are on their way', async () => {
    const { channel, ran } = environment(three, (_name, command) =>
      command.includes('initial_sync') ? { code: 69, stdout: 'orders is not in sync' } : undefined,
    );
    await expect(
      takeTurn(channel, { host: 'broker-2', madeOf: next }, { deadlineMs: 900 }),
    ).rejects.toThrow('last seen: orders is not in sync');
    expect(changing(ran)).toEqual([]);
  });

  it('is refused at once when another one has no power, or there is none', async () => {
    const down = [...three.slice(0, 2), host('broker-3', { state: 'stopped' })];
    for (const [hosts, words] of [
      [down, 'others of its kind do not run: broker-3 is stopped'],
      [three.slice(1, 2), 'there is no other broker'],
    ] as const) {
      const { channel, ran } = environment(hosts);
      await expect(takeTurn(channel, { host: 'broker-2', madeOf: next })).rejects.toThrow(words);
      expect(ran).toEqual([]);
    }
  });

  it('says which queue needs the broker', async () => {
    const { channel } = environment(three, (_name, command) =>
      command.includes('broker-drain') ? { code: 1, stderr: 'last seen: orders' } : undefined,
    );
    await expect(takeTurn(channel, { host: 'broker-2', madeOf: next })).rejects.toThrow(
      'broker-2 is not replaced: it cannot be spared: last seen: orders',
    );
  });

  it('goes by the other broker of a warren, which is in another cluster', async () => {
    const apart = (name: string): LiveHost =>
      host(name, { labels: { cluster: name, roles: 'broker' } });
    const { channel, ran } = environment([apart('rabbit-a'), apart('rabbit-b')]);
    await takeTurn(channel, { host: 'rabbit-b', madeOf: next }, { deadlineMs: 5_000 });
    expect(ran.filter((line) => line.includes('initial_sync'))).toEqual([]);
    expect(changing(ran)).toEqual(['rabbit-b /usr/local/sbin/broker-drain 5']);
  });

  it('that is no longer wanted gives the broker back to its clients', async () => {
    const { channel, ran } = environment(three);
    await takeTurn(channel, { host: 'broker-2', madeOf });
    expect(ran).toEqual(['broker-2 /usr/local/sbin/broker-drain undo']);
  });
});

describe("a balancer's turn", () => {
  it('has the other one take the virtual address', async () => {
    const { channel, ran } = environment(two);
    await takeTurn(channel, { host: 'balancer-1', madeOf: next });
    expect(changing(ran)).toEqual(['balancer-1 systemctl stop keepalived.service']);
    expect(ran.slice(-2)).toEqual([
      'balancer-2 /usr/local/sbin/balancer-status',
      'balancer-2 /usr/local/lib/rabbitmq-ha-kit/move-virtual-address confirm',
    ]);
  });

  it('does not come while AWS still leads the address to it', async () => {
    const { channel, ran } = environment(two, (_name, command) =>
      command.includes('move-virtual-address') ? { code: 1 } : undefined,
    );
    await expect(takeTurn(channel, { host: 'balancer-1', madeOf: next })).rejects.toThrow(
      'balancer-2 holds the address, but AWS does not lead it there',
    );
    expect(ran.at(-1)).toBe('balancer-1 systemctl start keepalived.service');
  });

  it.each([
    ['its Keepalived is down', 'is-active', { code: 3 }, 'keepalived.service is not active'],
    [
      'no broker is up for it',
      'balancer-status',
      {
        stdout:
          '{"vip":false,"servers":[{"backend":"amqp","server":"b","state":"DOWN","sessions":0}]}',
      },
      'no server is up for amqp',
    ],
    ['its HAProxy does not answer', 'balancer-status', { code: 1 }, 'balancer-status ended with 1'],
  ])('does not come while %s', async (_what, asked, answer, seen) => {
    const { channel, ran } = environment(two, (name, command) =>
      name === 'balancer-2' && command.includes(asked) ? answer : undefined,
    );
    await expect(
      takeTurn(channel, { host: 'balancer-1', madeOf: next }, { deadlineMs: 400 }),
    ).rejects.toThrow(`last seen: ${seen}`);
    expect(changing(ran)).toEqual([]);
  });
});

it("a monitor's turn asks nobody", async () => {
  const { channel, ran } = environment([host('monitor-1')]);
  await takeTurn(channel, { host: 'monitor-1', madeOf: next });
  expect(ran).toEqual([]);
});
