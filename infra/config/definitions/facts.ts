import type { TopologyName } from '../names.ts';
import type { EnvironmentConfig } from '../schema.ts';
import type { RabbitmqSeries } from '../../plan/contexts.ts';
import type { QueueType } from './settings.ts';

/** What the brokers of a topology can hold. */
export interface BrokerFacts {
  readonly version: RabbitmqSeries;
  /** Brokers that one replicated queue can be spread over. */
  readonly members: number;
  /** Type of a queue that states none, in a vhost that states none. */
  readonly queueType: QueueType;
  /** What brokers that share nothing cannot keep: a stream is read, not emptied, so none comes back. */
  readonly streams: boolean;
}

export const factsOf: Readonly<Record<TopologyName, (config: EnvironmentConfig) => BrokerFacts>> = {
  'quorum-cluster': ({ quorumCluster }) => ({
    version: '4.0',
    members: quorumCluster.brokers,
    queueType: 'quorum',
    streams: true,
  }),
  'mirrored-cluster': ({ mirroredCluster }) => ({
    version: '3.10',
    members: mirroredCluster.brokers,
    // What its policy mirrors.
    queueType: 'classic',
    streams: true,
  }),
  warren: () => ({ version: '4.0', members: 1, queueType: 'quorum', streams: false }),
};

/** The type of a queue whose section states none. */
export const typeOfQueue = (
  stated: QueueType | undefined,
  vhostDefault: QueueType | undefined,
  facts: BrokerFacts,
): QueueType => stated ?? vhostDefault ?? facts.queueType;
