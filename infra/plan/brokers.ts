import { maxClusterSize } from '../config/names.ts';
import type { EnvironmentConfig } from '../config/schema.ts';
import type { Layout } from './addressing.ts';
import { noContext } from './common.ts';
import type { BrokerContext, FirewallContext, NamedHost, RabbitmqSeries } from './contexts.ts';
import { onBrokerChange, programFile, templateFile } from './files.ts';
import { hostOf } from './host.ts';
import { portOf, preferred } from './listeners.ts';
import type { RealServer } from './frontends/front-end.ts';
import type { FilePlan, HostPlan } from './model.ts';
import { brokerPorts, commandPorts } from './ports.ts';
import { brokerLimits } from './sizing.ts';
import {
  brokerCertificate,
  brokerShows,
  certificateFacts,
  certificateFiles,
  tlsContext,
  trustedAuthorities,
} from './tls.ts';
import type { BrokerSite, Topology } from './topologies/topology.ts';

const brokerPackages = ['rabbitmq-server', 'curl', 'jq'];
const ownSecrets = ['erlang-cookie', 'administrator-password', 'application-password'];
const data = '/var/lib/rabbitmq';
const bytesPerMiB = 1024 * 1024;

export interface BrokerHostsInput {
  readonly config: EnvironmentConfig;
  readonly topology: Topology;
  readonly layout: Layout;
  readonly brokers: readonly BrokerSite[];
  readonly balancers: readonly NamedHost[];
  /** Shared by all brokers, so that it is rendered once. */
  readonly firewall: FirewallContext;
  /** What the front end needs of them. */
  readonly realServer: RealServer | undefined;
}

/** Hosts of the brokers, in the order of their names. */
export function brokerHosts(input: BrokerHostsInput): HostPlan[] {
  const service = input.topology.managed?.service(input.config, input.layout);
  return input.brokers.map((broker) => brokerHost({ ...input, service }, broker));
}

interface BrokersInput extends BrokerHostsInput {
  /** Where one broker is that moves between its hosts. */
  readonly service: NamedHost | undefined;
}

function brokerHost(input: BrokersInput, broker: BrokerSite): HostPlan {
  const { config, topology, brokers, firewall, realServer, service } = input;
  const { name, zone, network, address } = broker;
  const { managed } = topology;
  const context = brokerContext(input, broker);
  return hostOf(config, {
    name,
    role: 'broker',
    seat: { zone, network, address },
    release: topology.release,
    image: managed?.image ?? topology.release,
    memoryMiB: config.brokers.memory,
    packages: [...brokerPackages, ...(managed?.packages(config) ?? [])],
    units: [
      ...(realServer?.units ?? []),
      // A cluster manager starts the broker itself.
      ...(managed?.units(config) ?? ['rabbitmq-server.service']),
      ...topology.units,
    ],
    volumes: [
      {
        name: `${name}-data`,
        sizeGiB: Math.ceil(config.brokers.disk / 1024),
        mount: managed === undefined ? data : undefined,
        unit: managed?.diskUnit ?? 'rabbitmq-server.service',
      },
    ],
    kernelModules: [...(realServer?.kernelModules ?? []), ...(managed?.kernelModules ?? [])],
    secrets: [
      ...ownSecrets,
      ...(managed?.secrets(config).map((secret) => secret.name) ?? []),
      ...(config.tls.enabled ? [trustedAuthorities, brokerCertificate(name)] : []),
    ],
    ...(managed?.fences(config) === true
      ? { fences: brokers.filter((other) => other !== broker).map((other) => other.name) }
      : {}),
    onSecretsChange: [managed?.renew ?? '/usr/local/sbin/broker-renew'],
    firewall,
    hosts: namesFor(input, broker),
    environment: [
      { key: 'SIDE', value: broker.server.role },
      { key: 'RABBITMQ_SERIES', value: topology.rabbitmq },
      // One that moves listens at its own address only.
      ...certificateFacts(config, brokerShows(config, service?.address)),
    ],
    files: [
      ...brokerFiles(context),
      ...certificateFiles(config),
      ...topology.files({ config, broker, brokers, context }),
      ...(realServer?.files ?? []),
    ],
    labels: {
      topology: config.topology,
      frontEnd: config.frontEnd,
      // Brokers of one cluster hold the same queues; see operations/service.
      cluster: context.clusterName,
      node: broker.nodeName,
      side: broker.server.role,
      ...(service === undefined ? {} : { brokerAddress: service.address }),
    },
  });
}

/** Who a broker names: the cluster it looks for, itself and the balancers. */
function namesFor(
  { config, topology, layout, brokers, balancers, service }: BrokersInput,
  self: BrokerSite,
): NamedHost[] {
  const near = brokers.slice(0, maxClusterSize);
  const all = near.includes(self) ? near : [...near, self];
  const others = topology.managed?.names(config, layout) ?? [];
  return [
    ...[...all, ...(service === undefined ? [] : [service])].map(({ name, fqdn, address }) => ({
      name,
      fqdn,
      address,
    })),
    ...others,
    ...balancers,
  ];
}

function brokerContext(
  { config, topology, service }: BrokersInput,
  broker: BrokerSite,
): BrokerContext {
  const { stack, brokers, rabbitmq, tls } = config;
  const [management, amqp] = [preferred(tls, 'management'), preferred(tls, 'amqp')];
  const { memoryWatermarkMiB, diskFreeLimitMiB } = brokerLimits(brokers);
  return {
    host: broker.name,
    address: broker.address,
    listen: service?.address ?? '0.0.0.0',
    series: topology.rabbitmq,
    nodeName: broker.nodeName,
    clusterName: topology.clustered || service !== undefined ? stack : `${stack}-${broker.name}`,
    memoryWatermarkBytes: memoryWatermarkMiB * bytesPerMiB,
    diskFreeLimitBytes: diskFreeLimitMiB * bytesPerMiB,
    heartbeatSeconds: rabbitmq.heartbeat / 1000,
    netTicktimeSeconds: topology.netTicktime(config) / 1000,
    backlog: rabbitmq.backlog,
    fileHandles: rabbitmq.fileHandles,
    channelMax: rabbitmq.channelMax,
    queueLeaderLocator: 'balanced',
    // Shovels carry what is left in queues to other brokers, on a swap and on a fail-back.
    plugins: [
      ...new Set([
        'rabbitmq_management',
        'rabbitmq_shovel',
        ...(config.monitoring.enabled ? ['rabbitmq_prometheus'] : []),
        ...topology.plugins,
        ...rabbitmq.plugins,
      ]),
    ].sort(),
    users: rabbitmq.users,
    ports: {
      ...brokerPorts,
      amqp: portOf(tls, 'amqp'),
      management: portOf(tls, 'management'),
      amqps: portOf(tls, 'amqps'),
      managementTls: portOf(tls, 'management-tls'),
    },
    tls: tlsContext(config),
    certificate: tls.enabled ? brokerCertificate(broker.name) : '',
    management: { scheme: management.tls ? 'https' : 'http', port: management.port },
    amqp: { scheme: amqp.tls ? 'amqps' : 'amqp', port: amqp.port },
    commandPorts: { first: Math.min(...commandPorts), last: Math.max(...commandPorts) },
    data,
    restart: restarts[topology.rabbitmq],
    takenAlong: service?.address,
  };
}

/**
 * RabbitMQ 3.10 has mirrored queues to look after too. Of its clusters of two brokers neither could go
 * while a quorum queue is there.
 */
const restarts: Readonly<Record<RabbitmqSeries, BrokerContext['restart']>> = {
  '3.10': {
    checks: ['node-is-quorum-critical', 'node-is-mirror-sync-critical'],
    queueType: 'classic',
  },
  '4.0': { checks: ['node-is-quorum-critical'], queueType: 'quorum' },
};

/** Files of `templates/broker/`. */
const brokerFiles = (context: BrokerContext): FilePlan[] => [
  ...(context.tls.betweenNodes
    ? [
        templateFile('tls/etc/rabbitmq/between-nodes.config.hbs', context, {
          onChange: onBrokerChange,
        }),
      ]
    : []),
  ...[
    'broker/etc/rabbitmq/enabled_plugins.hbs',
    'broker/etc/rabbitmq/rabbitmq-env.conf.hbs',
    'broker/etc/rabbitmq/rabbitmq.conf.hbs',
    'broker/etc/systemd/system/rabbitmq-server.service.d/10-rabbitmq-ha-kit.conf.hbs',
  ].map((template) => templateFile(template, context, { onChange: onBrokerChange })),
  templateFile('broker/etc/rabbitmq-ha-kit/broker.env.hbs', context),
  programFile('broker/usr/local/lib/rabbitmq-ha-kit/password-hash', noContext),
  programFile('broker/usr/local/lib/rabbitmq-ha-kit/broker-secrets', noContext),
  // Read at the next start; the Erlang of RabbitMQ 3.10 has no such cache.
  ...(context.series === '4.0'
    ? [templateFile('broker/usr/local/lib/rabbitmq-ha-kit/cache-code-path.eval', noContext)]
    : []),
  programFile('broker/usr/local/sbin/mq-api', noContext),
  programFile('broker/usr/local/sbin/mq-eval', noContext),
  // One that a cluster manager moves takes no turns with others.
  ...(context.takenAlong === undefined
    ? [
        templateFile('broker/usr/local/lib/rabbitmq-ha-kit/broker-turn', noContext),
        programFile('broker/usr/local/sbin/broker-restart', noContext),
        programFile('broker/usr/local/sbin/broker-drain', noContext),
      ]
    : []),
  programFile('broker/usr/local/sbin/broker-renew', noContext),
  templateFile('broker/usr/local/lib/rabbitmq-ha-kit/definitions.jq', noContext),
  programFile('broker/usr/local/sbin/mq-shovel', noContext),
  programFile('broker/usr/local/sbin/mq-drain', noContext),
];
