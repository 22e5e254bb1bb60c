import { z } from 'zod';
import {
  exchangeArguments,
  operatorSettings,
  policySettings,
  queueArguments,
  queueTypes,
  settingsSection,
} from './settings.ts';

/**
 * What brokers are to hold: virtual hosts and what is in them, and users. Names and settings are
 * RabbitMQ's own; whether they fit each other and the topology is checked by rules/definitions.
 */

const count = (min: number, max: number) => z.int().min(min).max(max);
/** A regular expression as RabbitMQ takes it (PCRE). */
const pattern = () => z.string().max(1000);
const byName = <T extends z.ZodType>(value: T) => z.record(z.string(), value).default({});

/** Types that the server brings along, and those of a plug-in (see exchangePlugins). */
export const exchangeTypes = [
  'direct',
  'fanout',
  'topic',
  'headers',
  'x-local-random',
  'x-consistent-hash',
  'x-modulus-hash',
  'x-random',
  'x-recent-history',
] as const;

/** Plug-in that a type of exchange comes from. */
export const exchangePlugins: Readonly<Record<string, string>> = {
  'x-consistent-hash': 'rabbitmq_consistent_hash_exchange',
  'x-modulus-hash': 'rabbitmq_sharding',
  'x-random': 'rabbitmq_random_exchange',
  'x-recent-history': 'rabbitmq_recent_history_exchange',
};

const permission = z.strictObject({
  /** Names that it may declare and delete; nothing unless stated. */
  configure: pattern().default('^$'),
  write: pattern().default('^$'),
  read: pattern().default('^$'),
});

const topicPermission = z.strictObject({
  write: pattern().default('^$'),
  read: pattern().default('^$'),
});

const exchange = z.strictObject({
  type: z.enum(exchangeTypes).default('direct'),
  /** Takes messages from other exchanges only. */
  internal: z.boolean().default(false),
  arguments: settingsSection(exchangeArguments),
});

const queue = z.strictObject({
  /** The vhost's default unless stated. */
  type: z.enum(queueTypes).optional(),
  arguments: settingsSection(queueArguments),
});

const bindingValue = z.union([z.string(), z.int(), z.boolean()]);

/** To a queue or to an exchange. */
const binding = z.strictObject({
  source: z.string(),
  queue: z.string().optional(),
  exchange: z.string().optional(),
  routingKey: z.string().max(255).default(''),
  /** Of a headers exchange: the headers, and `x-match`. */
  arguments: z.record(z.string(), bindingValue).default({}),
});

export const appliesTo = [
  'queues',
  'exchanges',
  'all',
  'quorum_queues',
  'classic_queues',
  'streams',
] as const;

const policy = z.strictObject({
  pattern: pattern(),
  applyTo: z.enum(appliesTo).default('queues'),
  /** Of several that match, the one with the highest counts, alone. */
  priority: count(0, 1_000_000).default(0),
  definition: settingsSection(policySettings),
});

const operatorPolicy = z.strictObject({
  pattern: pattern(),
  applyTo: z.enum(['queues', 'quorum_queues', 'classic_queues', 'streams']).default('queues'),
  priority: count(0, 1_000_000).default(0),
  definition: settingsSection(operatorSettings),
});

const vhost = z.strictObject({
  description: z.string().max(255).optional(),
  defaultQueueType: z.enum(queueTypes).optional(),
  limits: z
    .strictObject({
      maxConnections: count(0, 10_000_000).optional(),
      maxQueues: count(0, 10_000_000).optional(),
    })
    .prefault({}),
  permissions: byName(permission),
  topicPermissions: byName(z.record(z.string(), topicPermission)),
  exchanges: byName(exchange),
  queues: byName(queue),
  bindings: z.array(binding).default([]),
  policies: byName(policy),
  operatorPolicies: byName(operatorPolicy),
});

/** Start of the key of a given password; the user's name follows. */
export const passwordKeyPrefix = 'password-';

export const passwordCommand = (user: string): string =>
  `npm run pulumi -- config set --secret rabbitmq-ha-kit:${passwordKeyPrefix}${user}`;

/** Never a password itself: the text would be in the stack file for all to read. */
const passwordSource = () =>
  z
    .unknown()
    .transform((given, context): 'generated' | 'given' => {
      if (given === 'generated' || given === 'given') return given;
      context.addIssue({
        code: 'custom',
        message: 'is no place for a password: stack files are read by many',
        params: {
          allowed: 'generated, given',
          fix: `write \`given\` here and ${passwordCommand('USER')}`,
        },
      });
      return z.NEVER;
    })
    .meta({ type: 'string', enum: ['generated', 'given'] })
    .prefault('generated');

export const userTags = [
  'administrator',
  'monitoring',
  'policymaker',
  'management',
  'impersonator',
] as const;

const user = z.strictObject({
  tags: z.array(z.enum(userTags)).default([]),
  password: passwordSource(),
});

export const definitions = z
  .strictObject({
    /** Of what cannot change while it exists: queues and exchanges. */
    replace: z.enum(['never', 'when-empty']).default('never'),
    users: byName(user),
    vhosts: byName(vhost),
  })
  .prefault({});

export type DefinitionsConfig = z.infer<typeof definitions>;
export type VhostConfig = DefinitionsConfig['vhosts'][string];
