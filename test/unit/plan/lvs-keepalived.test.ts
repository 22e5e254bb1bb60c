import { describe, expect, it } from 'vitest';
import type { EnvironmentPlan, HostPlan } from '../../../infra/plan/model.ts';
import { allows, contextOf, ofRole, plan } from '../../lib/plans.ts';

const client = '198.51.100.7';
const network = { clients: ['198.51.100.0/24'] };
const flat = { ...network, placement: 'flat' };
const at = (lvsKeepalived: object, rest: object = {}): EnvironmentPlan =>
  plan('quorum-cluster', { frontEnd: 'lvs-keepalived', network, lvsKeepalived, ...rest });
const modes = {
  nat: at({}),
  gateway: at({ sourceNat: false }, { network: flat }),
  dr: at({ mode: 'dr' }, { network: flat }),
  tun: at({ mode: 'tun' }),
};
const vip = '10.77.0.10';

const pathsOf = ({ files }: HostPlan): string[] => files.map(({ template }) => template);
const first = (environment: EnvironmentPlan, role: 'broker' | 'balancer'): HostPlan => {
  const [host] = ofRole(environment, role);
  if (host === undefined) throw new Error(`no ${role}`);
  return host;
};

describe.each(Object.entries(modes))('mode %s', (mode, environment) => {
  const [balancer, broker] = [first(environment, 'balancer'), first(environment, 'broker')];
  const keepsSource = mode !== 'nat';

  it('asks for the modules of IPVS on directors, and of tunnels on brokers', () => {
    expect(balancer.kernelModules).toEqual(['ip_vs', 'ip_vs_wlc']);
    expect(broker.kernelModules).toEqual(mode === 'tun' ? ['ipip'] : []);
  });

  it('opens brokers to clients only where these keep their address', () => {
    expect(allows(environment.flows, client, vip, 5672)).toBe(true);
    expect(allows(environment.flows, client, broker.address, 5672)).toBe(keepsSource);
    expect(allows(environment.flows, balancer.address, broker.address, 5672)).toBe(true);
    expect(allows(environment.flows, client, broker.address, 25_672)).toBe(false);
  });

  it('sets brokers up before they serve, where they have to know', () => {
    expect(pathsOf(broker).some((path) => path.startsWith('real-server/'))).toBe(keepsSource);
    const { units } = broker;
    if (keepsSource) {
      expect(units.indexOf('real-server.service')).toBeLessThan(
        units.indexOf('rabbitmq-server.service'),
      );
      expect(units).toContain('real-server.service');
    } else expect(units).not.toContain('real-server.service');
  });

  it('tells the other director of connections where these can survive', () => {
    const told = environment.flows.filter(({ protocol }) => protocol === 'udp');
    expect(told.map(({ ports }) => ports)).toEqual(keepsSource ? [[8848]] : []);
    const conf = contextOf(balancer, 'keepalived/etc/keepalived/keepalived.conf.hbs');
    expect(conf).toMatchObject({ lvs: { synchronised: keepsSource } });
  });

  it('lets answers pass a director only where they come by it', () => {
    const firewall = contextOf(balancer, 'common/etc/nftables.conf.hbs');
    expect(firewall['directed'] !== undefined).toBe(mode === 'nat' || mode === 'gateway');
    expect(contextOf(broker, 'common/etc/nftables.conf.hbs')['directed']).toBeUndefined();
  });

  it('lets errors about connections pass a director that does not track these', () => {
    const passed = [balancer, broker].map(
      (host) => contextOf(host, 'common/etc/nftables.conf.hbs')['passesErrorsOn'],
    );
    expect(passed).toEqual([keepsSource, false]);
  });

  it('takes up changed settings of a director without a restart of what holds the address', () => {
    const reactions = balancer.files.map(({ onChange }) => onChange);
    expect(JSON.stringify(reactions)).not.toMatch(/"(restart|stop)","(ip-vs|keepalived)/);
    const at = (part: string): number => pathsOf(balancer).findIndex((path) => path.includes(part));
    expect(at('sysctl.d/71-ip-vs')).toBeLessThan(at('virtual-servers.conf'));
  });
});

describe('placement', () => {
  it('puts brokers into the subnet of the directors where packets need it', () => {
    for (const { hosts, networks } of [modes.gateway, modes.dr]) {
      expect(new Set(hosts.map((host) => host.network))).toEqual(new Set(['front']));
      expect(new Set(hosts.map(({ address }) => address)).size).toBe(hosts.length);
      expect(new Set(hosts.map(({ zone }) => zone))).toEqual(new Set(['a', 'b', 'c']));
      expect(networks.map(({ name }) => name)).toContain('zone-a');
    }
  });

  it('is kept for life', () => {
    expect(modes.dr.settled['network.placement']).toBe('flat');
    expect(modes.nat.settled['network.placement']).toBe('zones');
  });
});

it('moves the gateway of brokers together with the virtual address', () => {
  const { virtualAddresses } = modes.gateway;
  expect(virtualAddresses.map(({ address }) => address)).toEqual([vip, '10.77.0.11']);
  const conf = contextOf(
    first(modes.gateway, 'balancer'),
    'keepalived/etc/keepalived/keepalived.conf.hbs',
  );
  expect(conf).toMatchObject({
    vrrp: {
      together: true,
      instances: [
        { name: 'front', routerId: 77, address: vip },
        { name: 'gateway', routerId: 78, address: '10.77.0.11' },
      ],
    },
  });
});

it('reaches a sorry server as it does brokers', () => {
  const { flows, hosts } = at({ sorryServer: '192.0.2.7' });
  expect(allows(flows, '10.77.1.11', '192.0.2.7', 5672)).toBe(true);
  const [balancer] = hosts.filter(({ roles }) => roles.includes('balancer'));
  expect(
    balancer === undefined ? {} : contextOf(balancer, 'common/etc/nftables.conf.hbs'),
  ).toMatchObject({
    directed: { servers: expect.arrayContaining(['192.0.2.7/32']) as string[] },
  });
});

it('asks directors for metrics of their own, not of HAProxy', () => {
  const environment = at({}, { monitoring: { enabled: true } });
  expect(environment.flows.map(({ why }) => why)).not.toContain('metrics of HAProxy');
  const [monitor] = ofRole(environment, 'monitor');
  const jobs = monitor && contextOf(monitor, 'monitor/etc/prometheus/prometheus.yml.hbs')['jobs'];
  expect(JSON.stringify(jobs)).not.toContain('haproxy');
  const program = 'director/usr/local/lib/rabbitmq-ha-kit/director-metrics';
  expect(pathsOf(first(environment, 'balancer'))).toContain(program);
  expect(pathsOf(first(modes.nat, 'balancer'))).not.toContain(program);
});

it.each([
  [{ interval: '500ms', timeout: '200ms' }, 1],
  [{ interval: '3s', timeout: '2500ms' }, 3],
  [{ interval: '5s', timeout: '3s' }, 3],
])('gives a script of %j whole seconds, none less than it takes itself', (times, seconds) => {
  const environment = at({ check: { kind: 'script', ...times } });
  const template = 'director/etc/keepalived/virtual-servers.conf.hbs';
  const { check } = contextOf(first(environment, 'balancer'), template);
  expect(check).toMatchObject({ programSeconds: seconds });
});

it.each([
  ['500ms', 0.5],
  ['60s', 1],
])('checks every broker soon after a start, with an interval of %s', (interval, seconds) => {
  const environment = at({ check: { interval } });
  const template = 'director/etc/keepalived/virtual-servers.conf.hbs';
  const { check } = contextOf(first(environment, 'balancer'), template);
  expect(check).toMatchObject({ warmupSeconds: seconds });
});

describe('on aws', () => {
  const aws = { region: 'eu-central-1' };
  const checks = (environment: EnvironmentPlan): boolean[] =>
    environment.hosts.map(({ name }) => environment.aws?.hosts[name]?.sourceDestCheck ?? true);

  it('tells nobody of connections: there is no multicast', () => {
    const { flows } = at({}, { target: 'aws', aws });
    expect(flows.filter(({ ports }) => ports.includes(8848))).toEqual([]);
  });

  it('opens the way back from tunnels, which security groups saw nothing come by', () => {
    const experimental = { mode: 'tun', experimental: true };
    const { flows } = at(experimental, { target: 'aws', aws });
    const [broker] = ofRole(modes.tun, 'broker');
    expect(allows(flows, broker?.address ?? '', client, 40_000)).toBe(true);
    expect(allows(modes.tun.flows, broker?.address ?? '', client, 40_000)).toBe(false);
  });

  it('lets brokers answer from the virtual address only in modes in which they do', () => {
    expect(checks(at({}, { target: 'aws', aws }))).toEqual([true, true, true, false, false]);
    const experimental = { mode: 'tun', experimental: true };
    expect(checks(at(experimental, { target: 'aws', aws }))).toEqual(Array(5).fill(false));
  });
});
