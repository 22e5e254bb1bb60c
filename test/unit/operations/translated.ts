import type { MirroringPolicy } from '../../../infra/plan/contexts.ts';
import type { Definitions } from '../../../infra/operations/service/definitions.ts';
import { translateDefinitions } from '../../../infra/operations/service/translation/index.ts';

/** As a broker exports it. */
export const queue = (name: string, args: object = {}, rest: object = {}) => ({
  name,
  vhost: '/',
  durable: true,
  auto_delete: false,
  arguments: args,
  ...rest,
});
/** As a broker exports it. */
export const policy = (name: string, definition: object, rest: object = {}) => ({
  vhost: '/',
  name,
  pattern: '^orders',
  'apply-to': 'queues',
  priority: 0,
  definition,
  ...rest,
});

/** As its hosts have it; only the definition goes into other policies. */
export const mirroring: MirroringPolicy = {
  pattern: '.*',
  'apply-to': 'queues',
  priority: 0,
  definition: {
    'ha-mode': 'exactly',
    'ha-params': 2,
    'ha-sync-mode': 'automatic',
    'ha-sync-batch-size': 4096,
    'ha-promote-on-failure': 'when-synced',
    'ha-promote-on-shutdown': 'when-synced',
  },
};

/** What becomes of definitions of a mirrored cluster on RabbitMQ 4. */
export const quorum = (definitions: Definitions, brokers = 3, topology = 'quorum-cluster') =>
  translateDefinitions(definitions, 'mirrored-cluster', { topology, brokers });
/** What becomes of definitions of RabbitMQ 4 on a mirrored cluster. */
export const mirrored = (definitions: Definitions) =>
  translateDefinitions(definitions, 'quorum-cluster', {
    topology: 'mirrored-cluster',
    brokers: 3,
    mirroring,
  });

type Queues = readonly { readonly name: string; readonly arguments: unknown }[];
/** Of each queue, by its name. */
export const argumentsOf = (definitions: Definitions): Record<string, unknown> =>
  Object.fromEntries(
    (definitions.queues as unknown as Queues).map(({ name, arguments: args }) => [name, args]),
  );
