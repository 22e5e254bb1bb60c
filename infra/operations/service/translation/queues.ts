import type { Definitions } from '../definitions.ts';

export type Queue = NonNullable<Definitions['queues']>[number];

export const argumentsOf = (queue: Queue): Readonly<Record<string, unknown>> =>
  (queue['arguments'] ?? {}) as Readonly<Record<string, unknown>>;

/** Its clients declare it again; and the kit's own, which come and go. */
export const isTemporary = (queue: Queue): boolean =>
  queue['durable'] === false ||
  queue['auto_delete'] === true ||
  queue.name.startsWith('rabbitmq-ha-kit.');
