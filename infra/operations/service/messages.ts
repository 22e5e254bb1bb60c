import { UserError } from '../../errors.ts';
import type { Channel } from '../channel.ts';
import { type Evaluator, evaluate } from '../erlang.ts';
import { defineMessages } from '../message-count.ts';

/** A queue that holds messages, delivered but unacknowledged ones included. */
export interface HeldQueue {
  readonly vhost: string;
  readonly queue: string;
  readonly messages: number;
  /** A stream keeps its messages when they are read: it cannot be emptied by consuming or moving. */
  readonly type: 'queue' | 'stream';
  /** A quorum queue that refuses what is published to it when it is full. */
  readonly refuses?: true;
}

/** As the broker answers; null where a queue does not answer, e.g. without a leader. */
export interface QueueAnswer {
  readonly vhost: string;
  readonly name: string;
  readonly messages: number | null;
  readonly stream: boolean;
  /** A quorum queue with `overflow: reject-publish`, by its arguments or a policy. */
  readonly refuses?: boolean;
}

const countNow = [
  defineMessages,
  'Overflow = fun(Q) -> case rabbit_misc:table_lookup(amqqueue:get_arguments(Q), <<"x-overflow">>) of',
  '    {_, Own} -> Own; _ -> rabbit_policy:get(<<"overflow">>, Q) end end,',
  'Refuses = fun(Q) -> case {amqqueue:get_type(Q), Overflow(Q)} of',
  '    {rabbit_quorum_queue, <<"reject", _/binary>>} -> true; _ -> false end end,',
  'rabbit_json:encode([#{vhost => V, name => N, messages => Messages(Q), refuses => Refuses(Q),',
  '    stream => amqqueue:get_type(Q) =:= rabbit_stream_queue} ||',
  '  Q <- rabbit_amqqueue:list(), {resource, V, queue, N} <- [amqqueue:get_name(Q)]])',
].join('\n');

/**
 * Queues with messages as `host` sees them: in a cluster one broker answers for all.
 * @throws when the broker does not answer, or a queue of it does not.
 */
export async function heldQueues(channel: Channel, host: string): Promise<HeldQueue[]> {
  const queues = await countMessages(channel, host);
  const silent = queues.filter(({ messages }) => messages === null);
  if (silent.length > 0) {
    const names = silent.slice(0, 5).map(({ name, vhost }) => `${name} in vhost ${vhost}`);
    throw new Error(`${silent.length} queues do not say what they hold: ${names.join(', ')}`);
  }
  return queues.flatMap(({ vhost, name, messages, stream, refuses }) =>
    messages === null || messages === 0
      ? []
      : [
          {
            ...{ vhost, queue: name, messages, type: stream ? 'stream' : 'queue' },
            ...(refuses === true ? { refuses } : {}),
          },
        ],
  );
}

/** Every queue and what it holds now. @param by another broker than the one that serves on the host */
export async function countMessages(
  channel: Channel,
  host: string,
  by?: Evaluator,
): Promise<QueueAnswer[]> {
  return JSON.parse(await evaluate(channel, host, countNow, by)) as QueueAnswer[];
}

/** `orders in vhost /: 1204` for each, at most `limit` of them. */
export function describeHeld(held: readonly HeldQueue[], limit = 20): string[] {
  const lines = held.slice(0, limit).map(({ vhost, queue, messages, type }) => {
    const name = type === 'stream' ? `stream ${queue}` : queue;
    return `${name} in vhost ${vhost}: ${messages}`;
  });
  return held.length > limit ? [...lines, `and ${held.length - limit} more queues`] : lines;
}

/** What a destructive step says when messages stand in its way. */
export function messagesHeldError(
  step: string,
  held: readonly HeldQueue[],
  fix: string,
): UserError {
  const total = held.reduce((sum, { messages }) => sum + messages, 0);
  return new UserError({
    what: `${step} would lose messages: ${total} in ${held.length} queue${held.length === 1 ? '' : 's'}`,
    value: describeHeld(held).join('; '),
    fix,
  });
}

/**
 * RabbitMQ hands a message of a quorum queue that its destination refused out again at once, and drops
 * it after `x-delivery-limit` times (20 by default): a destination that is full would cost what the queue
 * holds. Pure.
 */
export function whyNotMoved(held: readonly HeldQueue[]): UserError | undefined {
  const refusing = held.filter(({ refuses }) => refuses === true);
  if (refusing.length === 0) return undefined;
  return messagesHeldError(
    'moving from quorum queues that refuse messages when they are full (overflow: reject-publish)',
    refusing,
    'take overflow out of their policy until they are moved, consume them first, or accept the loss with --discard-messages',
  );
}
