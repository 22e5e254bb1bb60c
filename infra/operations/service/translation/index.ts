import type { MirroringPolicy } from '../../../plan/contexts.ts';
import { mirrorsQueues } from '../../../plan/topologies/index.ts';
import type { Carried, Definitions } from '../definitions.ts';
import { toMirrored } from './to-mirrored.ts';
import { toQuorum } from './to-quorum.ts';

/** Where definitions go. */
export interface Place {
  readonly topology: string;
  /** How many brokers hold copies of a queue at most. */
  readonly brokers: number;
  /** The mirroring policy there, where it has one; needed to carry over, not to tell losses. */
  readonly mirroring?: MirroringPolicy | undefined;
}

/** Facts about the brokers that wrote an export, not definitions. */
const header = [
  'rabbit_version',
  'rabbitmq_version',
  'product_name',
  'product_version',
  'rabbitmq_definition_format',
  'original_cluster_name',
  'explanation',
];

/**
 * Says in the words of other brokers what an export means: mirrored classic queues of RabbitMQ 3.10
 * become quorum queues of RabbitMQ 4, and back. Between brokers of one kind nothing changes. Pure.
 * The table is in docs/swap.md.
 */
export function translateDefinitions(exported: Definitions, from: string, to: Place): Carried {
  if (mirrorsQueues(from) === mirrorsQueues(to.topology)) {
    return { definitions: exported, leftBehind: [] };
  }
  const bare = Object.fromEntries(
    Object.entries(exported).filter(([section]) => !header.includes(section)),
  );
  return mirrorsQueues(to.topology) ? toMirrored(bare, to) : toQuorum(bare, to);
}
