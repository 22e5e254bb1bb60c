import { describe, expect, test } from 'vitest';
import type { Channel } from '../../../infra/operations/channel.ts';
import { healthOf, troubles } from '../../../infra/operations/status/health.ts';
import * as recorded from './recorded.ts';
import {
  brokerNames,
  dead,
  endpoints,
  environment,
  hang,
  late,
  names,
  read,
  type Script,
  servers,
  zoneOf,
} from './scripted-hosts.ts';

test('a healthy environment has exactly this shape', async () => {
  const report = await read(environment());
  expect(report.warnings).toEqual([]);
  expect(healthOf(report)).toBe('healthy');
  expect(report.status).toEqual({
    stack: 'rig-quorum',
    target: 'rig',
    topology: 'quorum-cluster',
    frontEnd: 'haproxy-keepalived',
    endpoints: { ...endpoints, statistics: 'http://127.0.0.1:22809/stats' },
    servers: { ...servers, statistics: [{ host: null, url: 'http://127.0.0.1:22809/stats' }] },
    hosts: names.map((name) => ({
      name,
      roles: [name.startsWith('broker') ? 'broker' : 'balancer'],
      zone: zoneOf(name),
      address: '10.77.0.1',
      state: 'running',
    })),
    vipHolder: 'balancer-1',
    backends: ['balancer-1', 'balancer-2'].flatMap((balancer) =>
      ['amqp', 'management'].flatMap((backend) =>
        brokerNames.map((server) => ({ balancer, backend, server, state: 'UP' })),
      ),
    ),
    brokers: brokerNames.map((name) => ({
      name,
      running: true,
      version: '4.0.5',
      alarms: [],
      partitions: [],
    })),
    certificates: [],
    authorities: [],
    queues: { leaders: { 'broker-1': 2, 'broker-2': 1, 'broker-3': 1 }, mirrored: [] },
  });
});

test('one broker of a cluster is asked who leads; in a warren each is', async () => {
  const cluster = environment();
  await read(cluster);
  expect(cluster.asked.filter(({ question }) => question === 'queues')).toHaveLength(1);

  const alone = (name: string, leaders: number): Script => ({
    nodes: JSON.stringify([{ name: recorded.node(name), running: true, partitions: [] }]),
    queues: JSON.stringify(
      Array.from({ length: leaders }, () => ({ leader: recorded.node(name) })),
    ),
  });
  const warren = environment(
    { 'broker-1': alone('broker-1', 4), 'broker-2': alone('broker-2', 3) },
    ['broker-3'],
  );
  const { status } = await read(warren);
  expect(status.queues.leaders).toEqual({ 'broker-1': 4, 'broker-2': 3, 'broker-3': 0 });
  // Brokers that never were one cluster have not lost each other.
  expect(status.brokers.flatMap(({ partitions }) => partitions)).toEqual([]);
});

test('certificates may take as long as all questions, and no other answer waits for them', async () => {
  const env = `${recorded.hostEnv('broker-1', 'broker', 'a')}TLS_LISTENERS='amqps=10.77.20.11:5671'\n`;
  const served = [
    {
      listener: 'amqps',
      serial: '01',
      notbefore: 'Nov 21 08:00:00 2026 GMT',
      notafter: 'Dec 23 08:00:00 2027 GMT',
      subject: 'CN = broker-1',
      issuer: 'CN = authority',
    },
  ];
  const busy = late(100, JSON.stringify({ served, trusted: '' }));
  const shown = await read(
    environment({ 'broker-1': { 'host.env': env, 'certificate-status': busy } }),
    10_000,
  );
  expect(shown.warnings).toEqual([]);
  expect(shown.status.certificates).toMatchObject([{ host: 'broker-1', subject: 'CN=broker-1' }]);

  const stuck = await read(
    environment({ 'broker-1': { 'host.env': env, 'certificate-status': hang } }),
  );
  expect(stuck.status.queues.leaders).toEqual(shown.status.queues.leaders);
  expect(stuck.warnings).toEqual([
    expect.stringMatching(/^broker-1 did not say its certificates: no answer within \d+ ms$/),
  ]);
});

describe('a fault shows as such', () => {
  test('a broker that was killed', async () => {
    const seen = recorded.nodes(['broker-2']);
    const report = await read(
      environment({
        'broker-1': { nodes: seen },
        'broker-2': { version: dead, 'local-alarms': dead, nodes: dead, queues: dead },
        'broker-3': { nodes: seen },
        'balancer-1': { 'balancer-status': recorded.balancer(true, ['broker-2']) },
      }),
    );
    expect(report.status.brokers[1]).toEqual({
      name: 'broker-2',
      running: false,
      version: null,
      alarms: [],
      partitions: [],
    });
    expect(report.status.brokers[0]?.partitions).toEqual([]);
    expect(healthOf(report)).toBe('degraded');
    expect(troubles(report.status)).toEqual([
      'broker broker-2 is not running',
      'balancer-1: amqp/broker-2 is DOWN',
      'balancer-1: management/broker-2 is DOWN',
    ]);
  });

  test('a host that is off, with leaders still counted where the cluster says they are', async () => {
    const report = await read(environment({}, ['broker-3']));
    expect(report.status.hosts[4]).toMatchObject({ state: 'stopped', roles: ['broker'] });
    expect(report.status.brokers[2]?.running).toBe(false);
    expect(report.status.queues.leaders['broker-3']).toBe(1);
    expect(healthOf(report)).toBe('degraded');
  });

  test('a host that hangs, within the deadline', async () => {
    const start = performance.now();
    const report = await read(environment({ 'broker-1': { 'host.env': hang } }));
    expect(performance.now() - start).toBeLessThan(1000);
    expect(report.status.hosts[2]?.state).toBe('unresponsive');
    expect(report.status.brokers[0]).toMatchObject({ name: 'broker-1', running: false });
    expect(report.warnings).toEqual(['broker-1 did not say what it is: no answer within 60 ms']);
  });

  test('a host that still boots', async () => {
    const missing = { code: 1, stderr: 'cat: No such file or directory' };
    const { status } = await read(environment({ 'broker-1': { 'host.env': missing } }));
    expect(status.hosts[2]).toMatchObject({ state: 'booting', roles: ['broker'] });
    expect(status.brokers[0]?.running).toBe(false);
  });

  test('brokers that wait for a frozen peer run; what they cannot tell is named', async () => {
    const waits: Script = { nodes: hang, queues: hang };
    const report = await read(
      environment({
        'broker-1': waits,
        'broker-2': waits,
        'broker-3': { version: hang, 'local-alarms': hang, ...waits },
      }),
    );
    expect(report.status.brokers.map(({ running }) => running)).toEqual([true, true, false]);
    expect(report.warnings).toEqual([
      'broker-1 did not say whom it sees: no answer within 60 ms',
      'broker-2 did not say whom it sees: no answer within 60 ms',
    ]);
  });

  test('an alarm, though its health check fails', async () => {
    const alarm = { code: 22, stdout: recorded.memoryAlarm, stderr: '503' };
    const report = await read(environment({ 'broker-2': { 'local-alarms': alarm } }));
    expect(report.status.brokers.map(({ alarms }) => alarms)).toEqual([[], ['memory'], []]);
    expect(report.warnings).toEqual([]);
    expect(healthOf(report)).toBe('degraded');
  });

  test('a partition, each broker with its own view, as Mnesia and as Khepri show it', async () => {
    const mnesia = JSON.stringify([
      { name: recorded.node('broker-1'), running: true, partitions: [recorded.node('broker-3')] },
      { name: recorded.node('broker-2'), running: true, partitions: [] },
    ]);
    const { status } = await read(
      environment({
        'broker-1': { nodes: mnesia },
        'broker-3': { nodes: recorded.nodes(['broker-1', 'broker-2']) },
      }),
    );
    expect(status.brokers.map(({ partitions }) => partitions)).toEqual([
      ['broker-3'],
      [],
      ['broker-1', 'broker-2'],
    ]);
  });

  test('two holders of the virtual address, and none', async () => {
    const two = await read(
      environment({ 'balancer-2': { 'balancer-status': recorded.balancer(true) } }),
    );
    expect(two.status.vipHolder).toEqual(['balancer-1', 'balancer-2']);
    expect(two.warnings).toEqual(['balancer-1 and balancer-2 both hold the virtual address']);
    const none = await read(
      environment({ 'balancer-1': { 'balancer-status': recorded.balancer(false) } }),
    );
    expect(none.status.vipHolder).toBeNull();
    expect(troubles(none.status)).toEqual(['nobody holds the virtual address']);
    expect([healthOf(two), healthOf(none)]).toEqual(['degraded', 'degraded']);
  });

  test('a balancer that would not take the address', async () => {
    const report = await read(
      environment({
        'balancer-2': { 'balancer-status': recorded.balancer(false, [], 'inactive') },
      }),
    );
    expect(report.warnings).toEqual([
      'Keepalived of balancer-2 is inactive: balancer-2 would not take the virtual address',
    ]);
    expect(healthOf(report)).toBe('degraded');
  });

  test('a balancer without its HAProxy', async () => {
    const gone = { code: 5, stderr: 'socat: No such file or directory\njq: error' };
    const report = await read(environment({ 'balancer-2': { 'balancer-status': gone } }));
    expect(new Set(report.status.backends.map(({ balancer }) => balancer))).toEqual(
      new Set(['balancer-1']),
    );
    expect(report.warnings).toEqual([
      'balancer-2 did not say what it balances: socat: No such file or directory jq: error',
    ]);
    expect(healthOf(report)).toBe('degraded');
  });

  test('nothing there', async () => {
    const channel: Channel = {
      hosts: () => Promise.resolve([]),
      run: () => Promise.reject(new Error('nobody is to be asked')),
    };
    const report = await read({ channel });
    expect(healthOf(report)).toBe('down');
    expect(troubles(report.status)).toEqual(['it is not up: it has no hosts']);
    expect(report.status).toMatchObject({ topology: null, frontEnd: null, brokers: [] });
  });

  test('everything off', async () => {
    const report = await read(environment({}, names));
    expect(healthOf(report)).toBe('down');
    expect(report.status.vipHolder).toBeNull();
    expect(report.status.hosts.every(({ state }) => state === 'stopped')).toBe(true);
  });
});

test('brokers of two topologies are an unfinished swap, not a healthy environment', async () => {
  const labels = {
    'broker-1': { topology: 'warren' },
    'broker-2': { topology: 'quorum-cluster' },
    'broker-3': { topology: 'quorum-cluster' },
  };
  const report = await read(environment({}, [], labels));
  expect(report.warnings).toEqual([
    'a swap between quorum-cluster and warren is unfinished: npm run up goes on',
  ]);
  expect(healthOf(report)).toBe('degraded');
});

test('a broker that moves between hosts leads its queues where it is', async () => {
  const [holder = '', ...rest] = brokerNames;
  const moved: Script = {
    'host.env': recorded
      .hostEnv(holder, 'broker', zoneOf(holder))
      .replace('quorum-cluster', 'drbd-pacemaker'),
    nodes: JSON.stringify([
      { name: 'rabbit@broker.rig-drbd.internal', running: true, partitions: [] },
    ]),
    queues: JSON.stringify([{ leader: 'rabbit@broker.rig-drbd.internal' }]),
    'cluster-status': JSON.stringify({
      cluster: {
        ...{ quorate: true, members: [], failures: [], fencing: [] },
        resources: [
          { id: 'broker', agent: '', role: 'Started', host: holder, failed: false, blocked: false },
        ],
      },
      ...{ rings: [], disk: null, onlyCopy: null },
    }),
  };
  const { status } = await read(environment({ [holder]: moved }, rest));
  expect(status.queues.leaders).toEqual({ [holder]: 1 });
});
