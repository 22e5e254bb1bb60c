import { maxClusterSize } from '../../config/names.ts';
import type { QueueType } from '../../config/definitions/settings.ts';
import type { EnvironmentConfig } from '../../config/schema.ts';
import type { Layout } from '../addressing.ts';
import type { BrokerContext, MirroringDefinition, RabbitmqSeries } from '../contexts.ts';
import type { ManagedCluster } from './managed-cluster.ts';
import type { FilePlan, Release } from '../model.ts';

/** What a way of arranging brokers adds to what every broker host has. */
export interface Topology {
  readonly release: Release;
  /** What its RabbitMQ calls things, and what it can do. */
  readonly rabbitmq: RabbitmqSeries;
  /** Brokers form one Erlang cluster; else they share nothing. */
  readonly clustered: boolean;
  /**
   * Offset of its first broker in a zone's range of brokers, apart from those of all other topologies:
   * old and new brokers stand side by side during a swap.
   */
  readonly firstSeat: number;
  /** How a policy of the cluster copies classic queues; only where brokers mirror queues. */
  mirroring?(config: EnvironmentConfig, brokers: readonly BrokerSite[]): MirroringDefinition;
  /** What its brokers can hold. */
  holds(config: EnvironmentConfig): Holdings;
  /** Shares of connections by broker, where the config may state them. */
  shares?(config: EnvironmentConfig): Shares;
  /** Where a majority of its brokers decides: no zone may hold one. */
  majority?(config: EnvironmentConfig): Majority | undefined;
  /** One of its brokers only stands by: what sends clients to it has to know backups. */
  readonly standby: boolean;
  /** Only where a cluster manager says on which of the hosts the one broker runs. */
  readonly managed?: ManagedCluster;
  /** Plugins that it cannot work without. */
  readonly plugins: readonly string[];
  /** Units after the broker's own, in the order of their start. */
  readonly units: readonly string[];
  /** Erlang's net_ticktime of its nodes, in milliseconds. */
  netTicktime(config: EnvironmentConfig): number;
  /** What its brokers keep for life, by config path (see EnvironmentPlan.settled). */
  settled(config: EnvironmentConfig): Readonly<Record<string, string>>;
  brokers(config: EnvironmentConfig, layout: Layout): readonly BrokerSite[];
  /** Files of `templates/<topology>/` for one broker. */
  files(input: TopologyFiles): readonly FilePlan[];
}

/** What brokers can hold, beside what their version knows. */
export interface Holdings {
  /** Brokers that one replicated queue can be spread over. */
  readonly members: number;
  /** Type of a queue that states none, in a vhost that states none. */
  readonly queueType: QueueType;
  /** What brokers that share nothing cannot keep: a stream is read, not emptied, so none comes back. */
  readonly streams: boolean;
}

export interface Shares {
  /** Section of the config that has `brokers` and `weights`. */
  readonly section: keyof EnvironmentConfig;
  /** Names of all its brokers. */
  readonly brokers: readonly string[];
  /** As stated; the usual share is 1. */
  readonly weights: Readonly<Record<string, number>>;
}

/** Words for who has too few zones for a majority. */
export interface Majority {
  /** What it is that needs a third zone. */
  readonly of: string;
  /** What needs only two. */
  readonly instead: string;
  /** Config paths that decide on it, besides the topology. */
  readonly related: readonly string[];
}

export interface TopologyFiles {
  readonly config: EnvironmentConfig;
  readonly broker: BrokerSite;
  readonly brokers: readonly BrokerSite[];
  readonly context: BrokerContext;
}

/** One broker before it becomes a host, and how front ends send clients to it. */
export interface BrokerSite {
  readonly name: string;
  readonly fqdn: string;
  readonly nodeName: string;
  readonly zone: string;
  readonly network: string;
  readonly address: string;
  readonly server: {
    readonly role: 'active' | 'standby';
    readonly weight: number;
    /** It must answer for this long before clients return to it; 0 for no more than a check asks. */
    readonly returnDelayMs: number;
  };
}

/** Name and address of a broker, completed with its names in the domain. */
export function brokerSite(
  config: EnvironmentConfig,
  place: Omit<BrokerSite, 'fqdn' | 'nodeName'>,
): BrokerSite {
  const fqdn = `${place.name}.${config.domain}`;
  return { ...place, fqdn, nodeName: `rabbit@${fqdn}` };
}

/**
 * Nodes that a new one looks for, itself included: the whole cluster up to the largest one that a
 * config can ask for, so that a plan stays linear in hosts.
 */
export function foundingNodes(brokers: readonly BrokerSite[], self: BrokerSite): string[] {
  const founders = brokers.slice(0, maxClusterSize);
  return (founders.includes(self) ? founders : [...founders, self]).map((site) => site.nodeName);
}
