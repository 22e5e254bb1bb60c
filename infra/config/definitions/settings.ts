import { z } from 'zod';
import type { RabbitmqSeries } from '../../plan/contexts.ts';

/**
 * What queues, exchanges and policies can be told, as RabbitMQ spells it, so that its own
 * documentation applies and definitions can be pasted. Times are milliseconds, sizes bytes.
 */

export const queueTypes = ['quorum', 'classic', 'stream'] as const;
export type QueueType = (typeof queueTypes)[number];

const whole = (min: number) => z.int().min(min);
const name = () => z.string().max(255);
const overflow = () => z.enum(['drop-head', 'reject-publish', 'reject-publish-dlx']);
const strategy = () => z.enum(['at-most-once', 'at-least-once']);
const locator = () => z.enum(['client-local', 'balanced']);
const masterLocator = () => z.enum(['min-masters', 'client-local', 'random']);
const groupSize = () => whole(1).max(15);
/** A number and Y, M, D, h, m or s. */
const age = () => z.string().regex(/^\d+[YMDhms]$/, 'a number with Y, M, D, h, m or s, e.g. 7D');
/** The server's own bound. */
const segmentSize = () => whole(1).max(3_000_000_000);

interface Setting {
  readonly value: z.ZodType<string | number | boolean | readonly string[]>;
  /** Types of queues that know it, or `exchange`. */
  readonly of: readonly (QueueType | 'exchange')[];
  /** The only release that knows it; both unless stated. */
  readonly version?: RabbitmqSeries;
  /** Types that only one release knows it for. */
  readonly typeVersions?: Readonly<Partial<Record<QueueType, RabbitmqSeries>>>;
}

/** Arguments of a queue. They can never change while it exists: what may change belongs in a policy. */
export const queueArguments = {
  'x-expires': { value: whole(1), of: ['quorum', 'classic'] },
  'x-message-ttl': { value: whole(0), of: ['quorum', 'classic'] },
  'x-max-length': { value: whole(0), of: ['quorum', 'classic'] },
  'x-max-length-bytes': { value: whole(0), of: ['quorum', 'classic', 'stream'] },
  'x-overflow': { value: overflow(), of: ['quorum', 'classic'] },
  'x-dead-letter-exchange': { value: name(), of: ['quorum', 'classic'] },
  'x-dead-letter-routing-key': { value: name(), of: ['quorum', 'classic'] },
  'x-dead-letter-strategy': { value: strategy(), of: ['quorum'] },
  'x-delivery-limit': { value: whole(0), of: ['quorum'] },
  'x-quorum-initial-group-size': { value: groupSize(), of: ['quorum'] },
  'x-quorum-target-group-size': { value: groupSize(), of: ['quorum'], version: '4.0' },
  'x-initial-cluster-size': { value: groupSize(), of: ['stream'] },
  'x-queue-leader-locator': {
    value: locator(),
    of: ['quorum', 'classic', 'stream'],
    // There it is refused, also where no type is named.
    typeVersions: { classic: '4.0' },
  },
  'x-single-active-consumer': { value: z.boolean(), of: ['quorum', 'classic'] },
  'x-consumer-timeout': { value: whole(0), of: ['quorum', 'classic'], version: '4.0' },
  'x-max-priority': { value: whole(1).max(255), of: ['classic'] },
  'x-queue-master-locator': { value: masterLocator(), of: ['classic'], version: '3.10' },
  'x-queue-mode': { value: z.enum(['default', 'lazy']), of: ['classic'], version: '3.10' },
  'x-queue-version': { value: whole(1).max(2), of: ['classic'], version: '3.10' },
  'x-max-age': { value: age(), of: ['stream'] },
  'x-stream-max-segment-size-bytes': { value: segmentSize(), of: ['stream'] },
  'x-stream-filter-size-bytes': {
    value: whole(16).max(255),
    of: ['stream'],
    version: '4.0',
  },
} as const satisfies Readonly<Record<string, Setting>>;

/** Arguments of an exchange. */
export const exchangeArguments = {
  'alternate-exchange': { value: name(), of: ['exchange'] },
  'hash-header': { value: name(), of: ['exchange'] },
  'hash-property': {
    value: z.enum(['message_id', 'correlation_id', 'timestamp']),
    of: ['exchange'],
  },
  'x-recent-history-length': { value: whole(0), of: ['exchange'] },
} as const satisfies Readonly<Record<string, Setting>>;

const replicated = ['quorum', 'classic'] as const;

/** What a policy can set. */
export const policySettings = {
  'message-ttl': { value: whole(0), of: replicated },
  expires: { value: whole(1), of: replicated },
  'max-length': { value: whole(0), of: replicated },
  'max-length-bytes': { value: whole(0), of: queueTypes },
  overflow: { value: overflow(), of: replicated },
  'dead-letter-exchange': { value: name(), of: replicated },
  'dead-letter-routing-key': { value: name(), of: replicated },
  'dead-letter-strategy': { value: strategy(), of: ['quorum'] },
  'delivery-limit': { value: whole(0), of: ['quorum'] },
  'target-group-size': { value: groupSize(), of: ['quorum'], version: '4.0' },
  'queue-leader-locator': { value: locator(), of: queueTypes },
  'consumer-timeout': { value: whole(0), of: replicated, version: '4.0' },
  'max-age': { value: age(), of: ['stream'] },
  'stream-max-segment-size-bytes': { value: segmentSize(), of: ['stream'] },
  'queue-master-locator': { value: masterLocator(), of: ['classic'], version: '3.10' },
  'queue-mode': { value: z.enum(['default', 'lazy']), of: ['classic'], version: '3.10' },
  'ha-mode': { value: z.enum(['all', 'exactly', 'nodes']), of: ['classic'], version: '3.10' },
  'ha-params': {
    value: z.union([whole(1), z.array(z.string()).min(1)]),
    of: ['classic'],
    version: '3.10',
  },
  'ha-sync-mode': { value: z.enum(['manual', 'automatic']), of: ['classic'], version: '3.10' },
  'ha-sync-batch-size': { value: whole(1), of: ['classic'], version: '3.10' },
  'ha-promote-on-shutdown': {
    value: z.enum(['when-synced', 'always']),
    of: ['classic'],
    version: '3.10',
  },
  'ha-promote-on-failure': {
    value: z.enum(['when-synced', 'always']),
    of: ['classic'],
    version: '3.10',
  },
  'alternate-exchange': { value: name(), of: ['exchange'] },
  'federation-upstream': { value: name(), of: [...queueTypes, 'exchange'] },
  'federation-upstream-set': { value: name(), of: [...queueTypes, 'exchange'] },
} as const satisfies Readonly<Record<string, Setting>>;

/** What an operator policy can set, laid over the policies of users; the lower value wins. */
export const operatorSettings = {
  expires: policySettings.expires,
  'message-ttl': policySettings['message-ttl'],
  'max-length': policySettings['max-length'],
  'max-length-bytes': policySettings['max-length-bytes'],
  'delivery-limit': { ...policySettings['delivery-limit'], version: '4.0' },
  'target-group-size': policySettings['target-group-size'],
} as const satisfies Readonly<Record<string, Setting>>;

export type Settings = Readonly<Record<string, Setting>>;

/** A section that knows these settings only, none of them necessary. */
export const settingsSection = (settings: Settings) =>
  z
    .strictObject(
      Object.fromEntries(
        Object.entries(settings).map(([key, { value }]) => [key, value.optional()]),
      ),
    )
    .default({});
