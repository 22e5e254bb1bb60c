import { beforeAll, describe, expect, test } from 'vitest';

import { probeMessage } from '../../infra/operations/amqp-probe.ts';
import { drainQueues } from '../lib/ledger.ts';
import { declareQueue } from '../lib/rig/amqp.ts';
import { figure, quorum as stack } from '../lib/rig/environments.ts';
import { connectAsClient } from '../lib/rig/network.ts';
import { exposures, openPlaces, secretsOf } from '../lib/rig/secrets.ts';
import type { Outputs } from '../lib/rig/stack.ts';
import { tracesOf } from '../lib/rig/traces.ts';

const brokers = stack.hosts('broker');
let outputs: Outputs;

beforeAll(async () => {
  await stack.down();
  expect(await tracesOf(stack, [])).toEqual([]);
  const { tookMs } = await stack.up();
  figure('up from nothing, ms', tookMs);
  outputs = await stack.outputs();
}, 400_000);

test('status tells of five hosts, all well', async () => {
  const status = await stack.status();
  expect(status).toMatchObject({
    stack: stack.name,
    target: 'rig',
    topology: 'quorum-cluster',
    frontEnd: 'haproxy-keepalived',
    endpoints: outputs.endpoints,
  });
  const hosts = status.hosts.map(({ name, state }) => `${name} ${state}`).sort();
  const planned = stack.plan().hosts.map(({ name }) => `${name} running`);
  expect(hosts).toEqual(planned.sort());
  expect(new Set(status.hosts.map(({ zone }) => zone)).size).toBe(3);
  expect(stack.hosts('balancer')).toContain(status.vipHolder);
  expect(status.backends.filter(({ state }) => !state.startsWith('UP'))).toEqual([]);
  expect(status.backends).toHaveLength(2 * 2 * brokers.length);
  const well = { running: true, alarms: [], partitions: [] };
  expect(status.brokers).toMatchObject(brokers.map((name) => ({ name, ...well })));
  expect(status.brokers.map(({ version }) => version)).toEqual(
    brokers.map(() => expect.stringMatching(/^4\.\d/) as string),
  );
});

test('a message goes through the virtual address', async () => {
  const result = await probeMessage({ uri: outputs.amqpUri, deadlineMs: 10_000 });
  expect(result.consumedMs).toBeGreaterThanOrEqual(0);
});

test('management and statistics answer through the virtual address, with a password only', async () => {
  const management = new URL('api/overview', outputs.managementUri);
  const { username, password } = management;
  management.username = management.password = '';
  const basic = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  expect((await fetch(management)).status).toBe(401);
  expect((await fetch(management, { headers: { authorization: basic } })).status).toBe(200);
  expect((await fetch(outputs.endpoints['statistics'] ?? '')).status).toBe(401);
});

test('a second up changes nothing', async () => {
  const { stdout, tookMs } = await stack.up('--json');
  figure('up again, ms', tookMs);
  const { changes } = JSON.parse(stdout) as { changes: Record<string, number> };
  expect(Object.keys(changes).filter((change) => change !== 'same')).toEqual([]);
});

describe('brokers', () => {
  test('share one cookie that only they can read', async () => {
    const cookies = new Set<string>();
    for (const host of brokers) {
      const file = '/var/lib/rabbitmq/.erlang.cookie';
      const stat = await stack.run(host, ['stat', '-c', '%a %U:%G', file]);
      expect(stat.trim()).toBe('400 rabbitmq:rabbitmq');
      cookies.add((await stack.run(host, ['sha256sum', file])).split(' ')[0] ?? '');
    }
    expect(cookies.size).toBe(1);
  });

  test('know the generated users and no guest', async () => {
    const users = await stack.api<{ name: string }[]>(brokers[0] ?? '', '/api/users');
    expect(users.map(({ name }) => name).sort()).toEqual(['administrator', 'application']);
  });

  test('run the metadata store and the tick time that the config states', async () => {
    const expression = '{rabbit_khepri:is_enabled(), net_kernel:get_net_ticktime()}.';
    for (const host of brokers) {
      const answer = await stack.run(host, ['rabbitmqctl', '--silent', 'eval', expression], 60_000);
      expect(answer.trim()).toBe('{true,15}');
    }
  });

  test('know what the folders of plugins hold: no boot looks for each module in all of them', async () => {
    // A module that came after the folder was read, so that only one who looks anew would find it.
    const look = `F=$(ls -d /usr/lib/rabbitmq/lib/*/plugins/thoas-*)/ebin/came_later.beam
      touch "$F"; echo 'code:ensure_loaded(came_later).' | mq-eval; rm "$F"`;
    for (const host of brokers) {
      expect(await stack.run(host, ['sh', '-c', look])).toContain('{error, nofile}');
    }
  });

  test('make quorum queues by default, leaders spread', async () => {
    const queues = ['rig.default-1', 'rig.default-2', 'rig.default-3'];
    for (const queue of queues) await declareQueue(outputs.amqpUri, queue);
    const leaders = new Set<string>();
    for (const queue of queues) {
      const path = `/api/queues/%2F/${queue}`;
      const found = await stack.api<{ type: string; leader: string }>(brokers[0] ?? '', path);
      expect(found.type).toBe('quorum');
      leaders.add(found.leader);
    }
    expect(leaders.size).toBe(brokers.length);
    expect(await drainQueues({ uri: outputs.amqpUri, queues, deadlineMs: 10_000 })).toEqual([]);
  });
});

describe('the firewall', () => {
  const epmd = 4369;

  test('drops and counts what no flow allows', async () => {
    const [host = ''] = brokers;
    const before = await droppedInput(host);
    expect(await connectAsClient(stack, stack.addressOf(host), epmd)).toBe('silent');
    expect(await droppedInput(host)).toBeGreaterThan(before);
  });

  test('lets through what a flow allows', async () => {
    const [first = '', second = ''] = brokers;
    const connect = `exec 3<>/dev/tcp/${stack.addressOf(first)}/${epmd}`;
    await stack.run(second, ['timeout', '2', 'bash', '-c', connect]);
    expect(await connectAsClient(stack, stack.virtualAddress, 5672)).toBe('open');
  });

  async function droppedInput(host: string): Promise<number> {
    const listed = await stack.run(host, ['nft', '-j', 'list', 'counters']);
    const { nftables } = JSON.parse(listed) as {
      nftables: { counter?: { name: string; packets: number } }[];
    };
    const counter = nftables.find((entry) => entry.counter?.name === 'dropped_input')?.counter;
    if (counter === undefined) throw new Error(`no counter dropped_input on ${host}: ${listed}`);
    return counter.packets;
  }
});

describe('secrets', () => {
  test('are in no file, log, state or process list', async () => {
    const secrets = await secretsOf(stack);
    expect([...secrets.keys()].sort()).toEqual(
      stack
        .plan()
        .secrets.map(({ name }) => name)
        .sort(),
    );
    for (const value of secrets.values()) expect(value.length).toBeGreaterThanOrEqual(16);
    expect(exposures(secrets, await openPlaces(stack))).toEqual([]);
  });

  test('would be found if they were', async () => {
    const [[name, value] = ['', '']] = await secretsOf(stack);
    const encoded = Buffer.from(`{"a":"${value}"}`).toString('base64');
    const places = new Map([['log', `...${encoded}...`]]);
    expect(exposures(new Map([[name, value]]), places)).toHaveLength(1);
  });
});
