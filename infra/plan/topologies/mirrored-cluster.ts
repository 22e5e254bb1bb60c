import type { EnvironmentConfig } from '../../config/schema.ts';
import { brokerSeat } from '../seats.ts';
import { noContext } from '../common.ts';
import type { MirroredClusterContext } from '../contexts.ts';
import { onBrokerChange, onUnitFileChange, programFile, restart, templateFile } from '../files.ts';
import type { FilePlan } from '../model.ts';
import { defaultPartitionHandling, mirroringPolicy } from '../mirroring.ts';
import { mirroredBrokerNames } from '../sizing.ts';
import { clusterMembershipFiles } from './cluster-membership.ts';
import {
  brokerSite,
  foundingNodes,
  type Majority,
  type Topology,
  type TopologyFiles,
} from './topology.ts';

const unit = 'mirroring-policy.service';

const firstSeat = 101;

/** One cluster of RabbitMQ 3.10: classic queues, copied to other brokers by a policy. */
export const mirroredCluster: Topology = {
  release: 'bookworm',
  rabbitmq: '3.10',
  clustered: true,
  firstSeat,
  standby: false,
  holds: ({ mirroredCluster: { brokers } }) => ({
    members: brokers,
    // What its policy mirrors.
    queueType: 'classic',
    streams: true,
  }),
  shares: ({ mirroredCluster: { brokers, weights } }) => ({
    section: 'mirroredCluster',
    brokers: mirroredBrokerNames(brokers),
    weights,
  }),
  majority: majorityOf,
  mirroring: ({ mirroredCluster }, brokers) => mirroringPolicy(mirroredCluster, brokers).definition,
  plugins: [],
  units: [unit],
  netTicktime: ({ mirroredCluster }) => mirroredCluster.netTicktime,
  settled: nodeTypes,
  brokers: (config, layout) =>
    mirroredBrokerNames(config.mirroredCluster.brokers).map((name, index) =>
      brokerSite(config, {
        name,
        ...brokerSeat(layout, firstSeat, index),
        server: {
          role: 'active',
          weight: config.mirroredCluster.weights[name] ?? 1,
          returnDelayMs: 0,
        },
      }),
    ),
  files: (input) => {
    const context = contextOf(input);
    return [...mirroredFiles(context), ...clusterMembershipFiles(input, context.founder)];
  },
};

/** Only where a partition stops the smaller side. */
function majorityOf({ mirroredCluster }: EnvironmentConfig): Majority | undefined {
  const { brokers, partitionHandling = defaultPartitionHandling(brokers) } = mirroredCluster;
  if (partitionHandling !== 'pause_minority') return undefined;
  return {
    of: `${brokers} brokers and pause_minority`,
    instead: 'set mirroredCluster.brokers: 2, which two zones are enough for',
    related: ['mirroredCluster.brokers', 'mirroredCluster.partitionHandling'],
  };
}

/** One path a broker: a cluster can grow, and its new nodes may be of either type. */
function nodeTypes({ mirroredCluster }: EnvironmentConfig): Record<string, string> {
  return Object.fromEntries(
    mirroredBrokerNames(mirroredCluster.brokers).map((name) => [
      `mirroredCluster.ramNodes, ${name}`,
      mirroredCluster.ramNodes.includes(name) ? 'ram' : 'disc',
    ]),
  );
}

function contextOf({ config, broker, brokers, context }: TopologyFiles): MirroredClusterContext {
  const settings = config.mirroredCluster;
  const isRam = (name: string): boolean => settings.ramNodes.includes(name);
  // A RAM node cannot be it: what the cluster defines must be on a disk from the beginning.
  const founder = broker === brokers.find(({ name }) => !isRam(name));
  return {
    ...context,
    nodeType: isRam(broker.name) ? 'ram' : 'disc',
    clusterNodes: foundingNodes(brokers, broker),
    clusterSize: brokers.length,
    founder,
    partitionHandling: settings.partitionHandling ?? defaultPartitionHandling(settings.brokers),
    masterLocator: settings.masterLocator,
    atenPollMs: settings.atenPollInterval,
    policy: mirroringPolicy(settings, brokers),
  };
}

const mirroredFiles = (context: MirroredClusterContext): FilePlan[] => [
  templateFile('mirrored-cluster/etc/rabbitmq/conf.d/20-cluster.conf.hbs', context, {
    followsHosts: true,
    onChange: onBrokerChange,
  }),
  templateFile('mirrored-cluster/etc/rabbitmq/advanced.config.hbs', context, {
    onChange: onBrokerChange,
  }),
  templateFile(
    'mirrored-cluster/etc/systemd/system/rabbitmq-server.service.d/20-first-start.conf',
    noContext,
    { onChange: onUnitFileChange },
  ),
  programFile('mirrored-cluster/usr/local/lib/rabbitmq-ha-kit/await-cluster', noContext),
  templateFile('mirrored-cluster/etc/rabbitmq-ha-kit/mirroring-policy.json.hbs', context, {
    followsHosts: true,
    onChange: restart(unit),
  }),
  templateFile('mirrored-cluster/etc/systemd/system/mirroring-policy.service', noContext, {
    onChange: onUnitFileChange,
  }),
  {
    ...programFile('mirrored-cluster/usr/local/lib/rabbitmq-ha-kit/mirroring-policy', noContext),
    onChange: restart(unit),
  },
];
