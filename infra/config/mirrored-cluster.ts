import { z } from 'zod';
import { maxClusterSize } from './names.ts';
import { copies, duration, text } from './units.ts';

/**
 * Section `mirroredCluster`: RabbitMQ 3.10 with classic mirrored queues. The keys of its policy are
 * RabbitMQ's own, in the spelling of this config: `haMode` is `ha-mode`.
 */

const count = (min: number, max: number) => z.int().min(min).max(max);
const promotion = () => z.enum(['when-synced', 'always']).default('when-synced');

const policy = z
  .strictObject({
    /** Queues whose name matches are mirrored. */
    pattern: text(/^[^\n]{1,200}$/, 'a regular expression of one line').default('.*'),
    applyTo: z.enum(['queues', 'all']).default('queues'),
    /** Of all policies that match a queue only the one with the highest priority counts. */
    priority: count(-1000, 1000).default(0),
    haMode: z.enum(['all', 'exactly', 'nodes']).default('exactly'),
    /** A number of copies for `exactly`, the majority of the brokers unless stated; names for `nodes`. */
    haParams: copies().optional(),
    haSyncMode: z.enum(['automatic', 'manual']).default('automatic'),
    /** Messages that are sent at once while a mirror catches up. */
    haSyncBatchSize: count(1, 100_000).default(4096),
    /** `always` rather loses messages than to wait for the master. */
    haPromoteOnFailure: promotion(),
    haPromoteOnShutdown: promotion(),
  })
  .prefault({});

export const mirroredCluster = z
  .strictObject({
    brokers: count(2, maxClusterSize).default(3),
    /** Brokers that keep what is defined in memory only; messages are on disk there too. */
    ramNodes: z.array(z.string()).default([]),
    policy,
    /** Where the master of a new queue goes. */
    masterLocator: z.enum(['min-masters', 'client-local', 'random']).default('min-masters'),
    /** By the number of brokers unless stated: pause_minority for an odd one, else autoheal. */
    partitionHandling: z.enum(['pause_minority', 'autoheal', 'ignore']).optional(),
    /** Silence after which a node counts as down; the same on every node. */
    netTicktime: duration({ min: '5s', max: '120s', step: '1s' }).prefault('15s'),
    /** How often quorum queues, which clients may ask for by name, look for silent nodes. */
    atenPollInterval: duration({ min: '100ms', max: '60s' }).prefault('1s'),
    /** Share of new connections by broker name; 1 unless stated. */
    weights: z.record(z.string(), count(0, 256)).default({}),
  })
  .prefault({});

export type MirroredClusterConfig = z.infer<typeof mirroredCluster>;
