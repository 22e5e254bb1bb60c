import type { EnvironmentConfig } from '../../config/schema.ts';
import { type Layout } from '../addressing.ts';
import { monitorSeat } from '../seats.ts';
import type { FirewallContext } from '../contexts.ts';
import { onUnitFileChange, reload, restart, templateFile } from '../files.ts';
import { hostOf } from '../host.ts';
import type { EndpointPlan, FilePlan, HostPlan, Role } from '../model.ts';
import type { BrokerSite } from '../topologies/topology.ts';
import type { MonitorContext, ScrapeJob } from './contexts.ts';
import { metricsPorts, prometheusPort } from './exporters.ts';

const name = 'monitor';
const data = '/var/lib/prometheus';

/** Whom the monitor asks. */
export interface WatchedSites {
  /** Where brokers answer: their hosts, or the one address of a broker that moves. */
  readonly brokers: readonly BrokerSite[];
  /** Whether hosts take turns at the broker. */
  readonly moving: boolean;
  readonly hosts: readonly HostPlan[];
}

/** The host that gathers metrics and watches the alert rules; none unless it was asked for. */
export function monitorHosts(
  config: EnvironmentConfig,
  layout: Layout,
  watched: WatchedSites,
  firewall: FirewallContext,
): HostPlan[] {
  const { monitoring } = config;
  if (!monitoring.enabled) return [];
  const seat = monitorSeat(layout);
  const { zone, address } = seat;
  const own = { name, fqdn: `${name}.${config.domain}`, address };
  const context = contextOf(config, address, {
    hosts: [...watched.hosts, { ...own, roles: ['monitor'], zone }],
    brokers: watched.brokers.map((broker) => ({
      name: broker.name,
      address: broker.address,
      roles: ['broker'],
      zone: watched.moving ? 'any' : broker.zone,
    })),
  });
  return [
    hostOf(config, {
      name,
      role: 'monitor',
      seat,
      image: 'trixie-monitor',
      memoryMiB: monitoring.memory,
      packages: ['prometheus'],
      units: ['prometheus.service'],
      volumes: [
        {
          name: `${name}-data`,
          sizeGiB: Math.ceil(monitoring.disk / 1024),
          mount: data,
          unit: 'prometheus.service',
        },
      ],
      firewall,
      hosts: [
        ...watched.hosts.map((each) => ({
          name: each.name,
          fqdn: each.fqdn,
          address: each.address,
        })),
        own,
      ],
      files: monitorFiles(context),
      // Nothing of topology and front end: a swap leaves the history in place.
      labels: {},
    }),
  ];
}

/** The page of Prometheus; it has no login, so that only those outside that the config names reach it. */
export function monitoringEndpoints(
  { monitoring }: EnvironmentConfig,
  layout: Layout,
): EndpointPlan[] {
  if (!monitoring.enabled) return [];
  const { address } = monitorSeat(layout);
  const server = {
    host: undefined,
    address,
    port: prometheusPort,
    role: 'active',
    weight: 1,
  } as const;
  return [{ name: 'monitoring', scheme: 'http', servers: [server], path: '/', login: undefined }];
}

type Watched = Pick<HostPlan, 'name' | 'address' | 'roles' | 'zone'>;

function contextOf(
  { stack, monitoring, frontEnd }: EnvironmentConfig,
  address: string,
  { hosts, brokers }: { readonly hosts: readonly Watched[]; readonly brokers: readonly Watched[] },
): MonitorContext {
  const job = (
    jobName: ScrapeJob['name'],
    port: number,
    targets: readonly Watched[],
  ): ScrapeJob => ({
    name: jobName,
    targets: targets.map((host) => ({
      host: host.name,
      address: host.address,
      port,
      role: host.roles.join(' '),
      zone: host.zone,
    })),
  });
  const are = (role: Role): Watched[] => hosts.filter(({ roles }) => roles.includes(role));
  const jobs = [
    job('rabbitmq', metricsPorts.rabbitmq, brokers),
    job('haproxy', metricsPorts.haproxy, frontEnd === 'haproxy-keepalived' ? are('balancer') : []),
    job('node', metricsPorts.node, hosts),
    job('prometheus', prometheusPort, are('monitor')),
  ];
  const delay = monitoring.alertDelay / 1000;
  return {
    stack,
    address,
    port: prometheusPort,
    intervalSeconds: monitoring.interval / 1000,
    alertSeconds: { soon: delay, late: 5 * delay },
    unacknowledgedLimit: monitoring.unacknowledgedLimit,
    retentionHours: monitoring.retention / 3_600_000,
    retentionMiB: Math.floor(monitoring.disk * diskShare),
    timeoutMs: Math.min(longestTimeoutMs, monitoring.interval * 0.8),
    jobs: jobs.filter(({ targets }) => targets.length > 0),
  };
}

/** Prometheus's own advice: its count leaves out what it is just about to write or to delete. */
const diskShare = 0.8;
/** A look that takes as long as the pause between two would run into the next one. */
const longestTimeoutMs = 10_000;

const monitorFiles = (context: MonitorContext): FilePlan[] => [
  templateFile('monitor/etc/default/prometheus.hbs', context, {
    onChange: restart('prometheus.service'),
  }),
  templateFile(
    'monitor/etc/systemd/system/prometheus.service.d/10-rabbitmq-ha-kit.conf',
    {},
    {
      onChange: onUnitFileChange,
    },
  ),
  templateFile('monitor/etc/prometheus/prometheus.yml.hbs', context, {
    followsHosts: true,
    onChange: reload('prometheus.service'),
  }),
  ...['rabbitmq.yml.hbs', 'front-end.yml.hbs', 'hosts.yml.hbs'].map((file) =>
    templateFile(`monitor/etc/prometheus/rules/${file}`, context, {
      onChange: reload('prometheus.service'),
    }),
  ),
];
