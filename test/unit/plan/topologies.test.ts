import { describe, expect, it } from 'vitest';
import { loadEnvironment } from '../../../infra/config/load.ts';
import { planEnvironment } from '../../../infra/plan/environment.ts';
import type { EnvironmentPlan } from '../../../infra/plan/model.ts';
import { allows, ofRole, plan } from '../../lib/plans.ts';

describe('quorum-cluster', () => {
  it('spreads brokers over zones, numbered alike in each', () => {
    const { hosts } = plan('quorum-cluster', { quorumCluster: { brokers: 5 } });
    expect(hosts.map(({ name, zone, address }) => `${name} ${zone} ${address}`)).toEqual([
      'broker-1 a 10.77.20.11',
      'broker-2 b 10.77.36.11',
      'broker-3 c 10.77.52.11',
      'broker-4 a 10.77.20.12',
      'broker-5 b 10.77.36.12',
      'balancer-1 a 10.77.1.11',
      'balancer-2 b 10.77.1.12',
    ]);
  });

  it('lets nodes find and join each other', () => {
    const environment = plan('quorum-cluster');
    const [one, two] = ofRole(environment, 'broker');
    for (const port of [4369, 25_672]) {
      expect(allows(environment.flows, one?.address ?? '', two?.address ?? '', port)).toBe(true);
    }
  });

  it('grows without a change to the rules or files of its members, but for names', () => {
    const [before] = plan('quorum-cluster').hosts;
    const [after] = plan('quorum-cluster', { quorumCluster: { brokers: 5 } }).hosts;
    const changed = before?.files.filter(
      (file, index) =>
        JSON.stringify(file.context) !== JSON.stringify(after?.files[index]?.context),
    );
    expect({ ...after, files: [] }).toEqual({ ...before, files: [] });
    expect(changed?.map(({ onChange }) => onChange)).toEqual(changed?.map(() => 'none'));
  });

  it('computes absolute limits from planned memory and disk', () => {
    const [broker] = plan('quorum-cluster', { brokers: { memory: '2GiB', disk: '8GiB' } }).hosts;
    const settings = broker?.files.find(({ template }) => template.endsWith('rabbitmq.conf.hbs'));
    expect(settings?.context).toMatchObject({
      memoryWatermarkBytes: Math.floor(2048 * 0.6) * 1024 ** 2,
      diskFreeLimitBytes: 2 * 1024 ** 3,
      heartbeatSeconds: 10,
      netTicktimeSeconds: 15,
    });
    expect(broker?.volumes).toEqual([
      {
        name: 'broker-1-data',
        sizeGiB: 8,
        mount: '/var/lib/rabbitmq',
        unit: 'rabbitmq-server.service',
      },
    ]);
  });

  it.each([
    [{ metadataStore: 'khepri' }, undefined, 'none'],
    [{ metadataStore: 'mnesia' }, 'pause_minority', ['/usr/local/sbin/broker-restart']],
    [
      { metadataStore: 'mnesia', partitionHandling: 'ignore' },
      'ignore',
      ['/usr/local/sbin/broker-restart'],
    ],
  ])('%j handles partitions by %s', (quorumCluster, partitionHandling, onChange) => {
    const [broker] = plan('quorum-cluster', { quorumCluster }).hosts;
    const file = broker?.files.find(({ template }) => template.endsWith('20-cluster.conf.hbs'));
    expect(file?.context['partitionHandling']).toBe(partitionHandling);
    expect(file?.onChange).toEqual(onChange);
  });

  it('weighs brokers', () => {
    const environment = plan('quorum-cluster', { quorumCluster: { weights: { 'broker-2': 5 } } });
    expect(weights(environment)).toEqual({ 'broker-1': 1, 'broker-2': 5, 'broker-3': 1 });
  });

  it('stays linear far beyond the size that a config can ask for', () => {
    const config = loadEnvironment({ topology: 'quorum-cluster' }, undefined, 'trial');
    const bytes = (brokers: number): number =>
      JSON.stringify(
        planEnvironment({ ...config, quorumCluster: { ...config.quorumCluster, brokers } }),
      ).length / brokers;
    expect(bytes(1000) / bytes(100)).toBeLessThan(1.1);
  });
});

describe('warren', () => {
  const environment = plan('warren');
  const [active, standby] = ofRole(environment, 'broker');

  it('has two brokers that share nothing', () => {
    expect(environment.clustered).toBe(false);
    expect(environment.flows.flatMap(({ ports }) => ports)).not.toContain(4369);
    expect(environment.flows.flatMap(({ ports }) => ports)).not.toContain(25_672);
  });

  it('lets the active broker drain the standby', () => {
    const [from = '', to = ''] = [active?.address, standby?.address];
    expect(allows(environment.flows, from, to, 5672)).toBe(true);
    expect(allows(environment.flows, from, to, 15_672)).toBe(true);
  });

  it('says on each host which side it is', () => {
    expect([active, standby].map((host) => [host?.name, host?.labels['side']])).toEqual([
      ['rabbit-a', 'active'],
      ['rabbit-b', 'standby'],
    ]);
  });

  it('sends clients back after the delay, and cuts what is left on the standby', () => {
    const delayed = plan('warren', { warren: { failBack: { delay: '5s' } } });
    expect(servers(delayed)).toMatchObject([
      { name: 'rabbit-a', role: 'active', rise: 26, cutBackupSessionsOnUp: true },
      { name: 'rabbit-b', role: 'backup', rise: 2, cutBackupSessionsOnUp: false },
    ]);
  });

  it('rises as the seed prints with its profile', () => {
    const seed = plan('warren', { haproxyKeepalived: { profile: 'seed' } });
    expect(servers(seed)).toMatchObject([{ rise: 2 }, { rise: 2 }]);
  });
});

describe('seed profile', () => {
  it('prefers the first balancer, with a generated password', () => {
    const environment = plan('quorum-cluster', { haproxyKeepalived: { profile: 'seed' } });
    const instances = ofRole(environment, 'balancer').map(
      ({ files }) =>
        files.find(({ template }) => template.endsWith('keepalived.conf.hbs'))?.context['vrrp'],
    );
    expect(instances).toMatchObject([
      { initialState: 'MASTER', priority: 100, preempt: true, peers: ['10.77.1.12'] },
      { initialState: 'BACKUP', priority: 50, preempt: true, peers: ['10.77.1.11'] },
    ]);
    expect(environment.secrets.map(({ name }) => name)).toContain('vrrp-password');
    expect(ofRole(environment, 'balancer').map(({ secrets }) => secrets)).toEqual([
      ['statistics-password', 'vrrp-password'],
      ['statistics-password', 'vrrp-password'],
    ]);
  });
});

describe('swap', () => {
  const cluster = plan('quorum-cluster');
  const warren = plan('warren');

  it('leaves balancers in place: only files change', () => {
    const stripped = (environment: EnvironmentPlan) =>
      ofRole(environment, 'balancer').map((host) => ({ ...host, files: [] }));
    expect(stripped(warren)).toEqual(stripped(cluster));
  });

  it('keeps networks, endpoints, virtual address and secrets', () => {
    for (const key of ['networks', 'endpoints', 'virtualAddresses', 'secrets'] as const) {
      expect(warren[key]).toEqual(cluster[key]);
    }
  });

  it('has old and new brokers side by side', () => {
    const all = [...ofRole(cluster, 'broker'), ...ofRole(warren, 'broker')];
    for (const field of ['name', 'address'] as const) {
      expect(new Set(all.map((host) => host[field])).size).toBe(all.length);
    }
    const broker = ofRole(cluster, 'broker')[0]?.address ?? '';
    const rabbit = ofRole(warren, 'broker')[0]?.address ?? '';
    expect(allows(warren.flows, rabbit, broker, 5672)).toBe(true);
    expect(allows(cluster.flows, rabbit, broker, 5672)).toBe(true);
  });
});

interface Server {
  readonly name: string;
  readonly weight: number;
}

function servers(environment: EnvironmentPlan): Server[] {
  const [balancer] = ofRole(environment, 'balancer');
  const proxy = balancer?.files.find(({ template }) => template.endsWith('haproxy.cfg.hbs'));
  const [amqp] = proxy?.context['services'] as [{ servers: Server[] }];
  return amqp.servers;
}

const weights = (environment: EnvironmentPlan): Record<string, number> =>
  Object.fromEntries(servers(environment).map(({ name, weight }) => [name, weight]));
