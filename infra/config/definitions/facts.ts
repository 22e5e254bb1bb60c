import type { RabbitmqSeries } from '../../plan/contexts.ts';
import { topologyModules } from '../../plan/topologies/index.ts';
import type { Holdings } from '../../plan/topologies/topology.ts';
import type { EnvironmentConfig } from '../schema.ts';
import type { QueueType } from './settings.ts';

/** What the brokers of a topology can hold. */
export interface BrokerFacts extends Holdings {
  readonly version: RabbitmqSeries;
}

export function factsOf(config: EnvironmentConfig): BrokerFacts {
  const topology = topologyModules[config.topology];
  return { version: topology.rabbitmq, ...topology.holds(config) };
}

/** The type of a queue whose section states none. */
export const typeOfQueue = (
  stated: QueueType | undefined,
  vhostDefault: QueueType | undefined,
  facts: BrokerFacts,
): QueueType => stated ?? vhostDefault ?? facts.queueType;
