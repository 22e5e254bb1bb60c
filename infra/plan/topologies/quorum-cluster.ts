import { maxClusterSize } from '../../config/names.ts';
import { brokerSeat } from '../seats.ts';
import type { ClusterLimits, QuorumClusterContext } from '../contexts.ts';
import { noContext } from '../common.ts';
import { onBrokerChange, onUnitFileChange, programFile, templateFile } from '../files.ts';
import { streamPorts } from '../ports.ts';
import { brokerNames } from '../sizing.ts';
import { clusterMembershipFiles } from './cluster-membership.ts';
import { metadataStoreFile } from './metadata-store.ts';
import { brokerSite, foundingNodes, type Topology } from './topology.ts';

const limits: ClusterLimits = { largestCluster: maxClusterSize };

const firstSeat = 11;

/** One cluster of brokers spread over the zones; quorum queues keep a copy on several of them. */
export const quorumCluster: Topology = {
  release: 'trixie',
  rabbitmq: '4.0',
  clustered: true,
  firstSeat,
  standby: false,
  holds: ({ quorumCluster: { brokers } }) => ({
    members: brokers,
    queueType: 'quorum',
    streams: true,
  }),
  shares: ({ quorumCluster: { brokers, weights } }) => ({
    section: 'quorumCluster',
    brokers: brokerNames(brokers),
    weights,
  }),
  majority: () => ({
    of: 'topology quorum-cluster',
    instead: 'choose topology: warren, which needs two',
    related: [],
  }),
  plugins: [],
  units: [],
  netTicktime: ({ quorumCluster }) => quorumCluster.netTicktime,
  settled: ({ quorumCluster }) => ({
    'quorumCluster.metadataStore': quorumCluster.metadataStore,
  }),
  brokers: (config, layout) =>
    brokerNames(config.quorumCluster.brokers).map((name, index) =>
      brokerSite(config, {
        name,
        ...brokerSeat(layout, firstSeat, index),
        server: {
          role: 'active',
          weight: config.quorumCluster.weights[name] ?? 1,
          returnDelayMs: 0,
        },
      }),
    ),
  files: (input) => {
    const { config, broker, brokers, context } = input;
    const { metadataStore, partitionHandling } = config.quorumCluster;
    const cluster: QuorumClusterContext = {
      ...context,
      metadataStore,
      partitionHandling:
        metadataStore === 'mnesia' ? (partitionHandling ?? 'pause_minority') : undefined,
      clusterNodes: foundingNodes(brokers, broker),
      clusterSize: brokers.length,
      streamPorts: { first: Math.min(...streamPorts), last: Math.max(...streamPorts) },
    };
    return [
      templateFile('quorum-cluster/etc/rabbitmq/conf.d/20-cluster.conf.hbs', cluster, {
        followsHosts: true,
        // With Khepri it holds only how to find the cluster, which a member never asks again: a
        // cluster grows without a restart of its members.
        onChange: metadataStore === 'mnesia' ? onBrokerChange : 'none',
      }),
      templateFile('quorum-cluster/etc/rabbitmq/advanced.config.hbs', limits, {
        onChange: onBrokerChange,
      }),
      metadataStoreFile(cluster),
      ...clusterMembershipFiles(input, false),
      programFile('quorum-cluster/usr/local/lib/rabbitmq-ha-kit/forget-lost-member', noContext),
      templateFile(
        'quorum-cluster/etc/systemd/system/rabbitmq-server.service.d/30-lost-member.conf',
        noContext,
        { onChange: onUnitFileChange },
      ),
    ];
  },
};
