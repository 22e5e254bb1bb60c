import { describe, expect, it } from 'vitest';
import type { ScrapeJob } from '../../../infra/plan/monitoring/contexts.ts';
import { allows, contextOf, ofRole, plan } from '../../lib/plans.ts';

const at = (drbdPacemaker: object = {}, rest: object = {}) =>
  plan('drbd-pacemaker', { frontEnd: 'pacemaker-vip', drbdPacemaker, ...rest });

describe('drbd-pacemaker', () => {
  const environment = at();
  const hosts = ofRole(environment, 'broker');

  it('is one broker that two hosts of one network take turns at', () => {
    expect(environment.oneBroker).toBe(true);
    expect(hosts.map(({ name, network }) => `${name} ${network}`)).toEqual([
      'drbd-a front',
      'drbd-b front',
    ]);
    expect(new Set(hosts.map(({ labels }) => labels['node']))).toEqual(
      new Set(['rabbit@broker.trial.internal']),
    );
    expect(new Set(hosts.map(({ labels }) => labels['cluster'])).size).toBe(1);
    expect(environment.endpoints.flatMap(({ servers }) => servers.map((s) => s.address))).toEqual([
      '10.77.0.20',
      '10.77.0.20',
    ]);
  });

  it('leaves the start of the broker to the cluster manager', () => {
    for (const { units, kernelModules, image } of hosts) {
      expect(units).not.toContain('rabbitmq-server.service');
      expect(units.at(-1)).toBe('cluster-load.service');
      expect(kernelModules).toEqual(['drbd']);
      expect(image).toBe('trixie-replicated');
    }
  });

  it('has disks without a file system, as DRBD is below it', () => {
    expect(hosts.flatMap(({ volumes }) => volumes.map(({ mount }) => mount))).toEqual([
      undefined,
      undefined,
    ]);
  });

  it('opens to each other what the cluster needs, and to nobody else', () => {
    const [a = '', b = ''] = hosts.map(({ address }) => address);
    const [quorum] = ofRole(environment, 'quorum');
    expect(allows(environment.flows, a, b, 7788)).toBe(true);
    expect(allows(environment.flows, a, quorum?.address ?? '', 5403)).toBe(true);
    for (const port of [7788, 5403]) {
      for (const to of [a, b, quorum?.address ?? '']) {
        expect(allows(environment.flows, '10.77.0.1', to, port)).toBe(false);
      }
    }
  });

  it('has its third vote where neither host is', () => {
    const [quorum] = ofRole(environment, 'quorum');
    expect(hosts.map(({ zone }) => zone)).not.toContain(quorum?.zone);
    expect(ofRole(at({ quorumDevice: false }), 'quorum')).toEqual([]);
  });

  it('has a power switch where it fences, and none where it does not', () => {
    expect(environment.secrets.map(({ name }) => name)).toContain('power-password');
    const without = at({ fencing: false, loseDataWithoutFencing: true });
    expect(without.secrets.map(({ name }) => name)).not.toContain('power-password');
  });

  it('keeps for life what its disk holds', () => {
    expect(environment.settled).toMatchObject({
      'drbdPacemaker.virtualAddress': '10.77.0.20',
      'brokers.disk': '4096 MiB',
    });
  });
});

it('has each host answer for the one broker, whose name and address it takes over', () => {
  const { secrets } = at({}, { tls: { enabled: true } });
  const certificates = secrets.filter(({ kind }) => kind === 'certificate');
  const ofBrokers = certificates.filter(({ name }) => name.startsWith('certificate-drbd-'));
  expect(ofBrokers).toHaveLength(2);
  for (const certificate of ofBrokers) {
    expect(certificate).toMatchObject({
      names: expect.arrayContaining(['broker', 'broker.trial.internal']) as string[],
      addresses: expect.arrayContaining(['10.77.0.20']) as string[],
    });
  }
});

describe('with monitoring', () => {
  const environment = at({}, { monitoring: { enabled: true } });
  const [monitor] = ofRole(environment, 'monitor');
  const jobs = (monitor &&
    contextOf(monitor, 'monitor/etc/prometheus/prometheus.yml.hbs')['jobs']) as ScrapeJob[];
  const targets = (name: ScrapeJob['name']): string[] =>
    jobs
      .filter((job) => job.name === name)
      .flatMap((job) => job.targets.map(({ host, address, zone }) => `${host} ${address} ${zone}`));

  it('asks the broker where it is, and every host, the third vote among them', () => {
    expect(targets('rabbitmq')).toEqual(['broker 10.77.0.20 any']);
    const all = environment.hosts.map(({ name, address, zone }) => `${name} ${address} ${zone}`);
    expect(targets('node')).toEqual(all);
  });

  it('may ask them, and they answer', () => {
    const asked = environment.hosts
      .filter(({ name }) => name !== monitor?.name)
      .map(({ address }): [string, number] => [address, 9100]);
    asked.push(['10.77.0.20', 15_692]);
    for (const [address, port] of asked) {
      expect(allows(environment.flows, monitor?.address ?? '', address, port), address).toBe(true);
    }
    for (const { units } of environment.hosts) {
      expect(units).toContain('prometheus-node-exporter.service');
    }
  });
});

describe('a swap', () => {
  const drbd = plan('drbd-pacemaker', { frontEnd: 'haproxy-keepalived' });
  const cluster = plan('quorum-cluster');

  it('finds the broker where it is, not where its hosts are', () => {
    const labels = ofRole(drbd, 'broker').map(({ labels }) => labels['brokerAddress']);
    expect(labels).toEqual(['10.77.0.20', '10.77.0.20']);
    for (const broker of ofRole(cluster, 'broker')) {
      expect(broker.labels).not.toHaveProperty('brokerAddress');
    }
  });

  it('is let in by brokers of either side', () => {
    const [other] = ofRole(cluster, 'broker');
    const [host] = ofRole(drbd, 'broker');
    expect(allows(drbd.flows, other?.address ?? '', '10.77.0.20', 5672)).toBe(true);
    expect(allows(cluster.flows, host?.address ?? '', other?.address ?? '', 5672)).toBe(true);
  });
});
