import { maxClusterSize } from '../../config/names.ts';
import type { EnvironmentConfig } from '../../config/schema.ts';
import type { Layout } from '../addressing.ts';
import type { BrokerContext, MirroringDefinition, RabbitmqSeries } from '../contexts.ts';
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
