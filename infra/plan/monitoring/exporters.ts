import type { EnvironmentConfig } from '../../config/schema.ts';
import { onUnitFileChange, programFile, restart, templateFile } from '../files.ts';
import type { FilePlan, Flow, FlowEnd, Reaction, Role } from '../model.ts';
import { noContext } from '../common.ts';
import type { MonitoredContext } from './contexts.ts';

/** Ports that only the monitor host may connect to. */
export const metricsPorts = { rabbitmq: 15_692, haproxy: 8405, node: 9100 } as const;

/** What monitoring adds to a host. */
export interface Exporters {
  readonly packages: readonly string[];
  readonly units: readonly string[];
  readonly files: readonly FilePlan[];
}

const none: Exporters = { packages: [], units: [], files: [] };

/** Units that say how a host of that role is. */
const watchedUnits = (role: Role, { frontEnd, topology }: EnvironmentConfig): readonly string[] =>
  ({
    broker: [
      'rabbitmq-server',
      'nftables',
      ...(topology === 'drbd-pacemaker' ? ['corosync', 'pacemaker', 'replicated-store'] : []),
    ],
    balancer: [frontEnd === 'lvs-keepalived' ? 'ip-vs' : 'haproxy', 'keepalived', 'nftables'],
    quorum: ['corosync-qnetd', 'nftables'],
    monitor: ['prometheus', 'nftables'],
  })[role];

/**
 * How a host tells its state: node_exporter, and a timer that writes what no exporter of Debian knows
 * (who holds the virtual address, queues without a majority) into a file that node_exporter reads.
 */
export function exportersOf(role: Role, config: EnvironmentConfig): Exporters {
  const { monitoring } = config;
  if (!monitoring.enabled) return none;
  const context: MonitoredContext = {
    intervalSeconds: monitoring.interval / 1000,
    nodePort: metricsPorts.node,
    unitPattern: `(${watchedUnits(role, config).join('|')})\\.service`,
  };
  const exporter = restart('prometheus-node-exporter.service');
  const collected =
    role === 'monitor' || role === 'quorum' ? [] : collectorFiles(role, context, config);
  return {
    packages: ['prometheus-node-exporter'],
    units: [
      'prometheus-node-exporter.service',
      ...(collected.length === 0 ? [] : ['collect-metrics.timer']),
    ],
    files: [
      templateFile('monitored/etc/default/prometheus-node-exporter.hbs', context, {
        onChange: exporter,
      }),
      ...collected,
    ],
  };
}

/**
 * Only a first boot enables units: a live host that gets monitoring starts them here, and one that loses
 * it ends the timer, whose file is gone by then.
 */
const onTimerChange: Reaction = [
  'sh',
  '-c',
  `set -eu
timer=collect-metrics.timer
if [ -e "/etc/systemd/system/$timer" ]; then
  systemctl daemon-reload
  systemctl enable --quiet prometheus-node-exporter.service "$timer"
  systemctl restart "$timer"
else
  systemctl stop "$timer" || :
  rm -f "/etc/systemd/system/timers.target.wants/$timer"
  systemctl daemon-reload
fi`,
];

const collectorFiles = (
  role: 'broker' | 'balancer',
  context: MonitoredContext,
  { frontEnd, topology }: EnvironmentConfig,
): FilePlan[] => [
  templateFile('monitored/etc/systemd/system/collect-metrics.service', noContext, {
    onChange: onUnitFileChange,
  }),
  templateFile('monitored/etc/systemd/system/collect-metrics.timer.hbs', context, {
    onChange: onTimerChange,
  }),
  programFile('monitored/usr/local/lib/rabbitmq-ha-kit/collect-metrics', noContext),
  programFile(`${role}/usr/local/lib/rabbitmq-ha-kit/${role}-metrics`, noContext),
  ...(role === 'balancer' && frontEnd === 'lvs-keepalived'
    ? [programFile('director/usr/local/lib/rabbitmq-ha-kit/director-metrics', noContext)]
    : []),
  ...(role === 'broker' && topology === 'drbd-pacemaker'
    ? [
        {
          ...programFile('drbd-pacemaker/usr/local/lib/rabbitmq-ha-kit/cluster-metrics', noContext),
          canWait: true as const,
        },
      ]
    : []),
];

/** What the monitor may ask, and who may look at its page. */
export function monitoringFlows(
  { monitoring, frontEnd }: EnvironmentConfig,
  ends: {
    readonly clients: FlowEnd;
    readonly brokers: FlowEnd;
    readonly balancers: FlowEnd;
    readonly monitors: FlowEnd;
    readonly quorum: FlowEnd;
  },
  has: { readonly balancers: boolean; readonly quorum: boolean },
): Flow[] {
  if (!monitoring.enabled) return [];
  const asks = (to: FlowEnd, port: number, why: string): Flow => ({
    from: ends.monitors,
    to,
    protocol: 'tcp',
    ports: [port],
    why,
  });
  return [
    asks(ends.brokers, metricsPorts.rabbitmq, 'metrics of RabbitMQ'),
    asks(ends.brokers, metricsPorts.node, 'metrics of the host'),
    ...(has.balancers
      ? [
          ...(frontEnd === 'haproxy-keepalived'
            ? [asks(ends.balancers, metricsPorts.haproxy, 'metrics of HAProxy')]
            : []),
          asks(ends.balancers, metricsPorts.node, 'metrics of the host and of Keepalived'),
        ]
      : []),
    ...(has.quorum ? [asks(ends.quorum, metricsPorts.node, 'metrics of the host')] : []),
    {
      from: ends.clients,
      to: ends.monitors,
      protocol: 'tcp',
      ports: [prometheusPort],
      why: 'Prometheus page and API',
    },
  ];
}

export const prometheusPort = 9090;
