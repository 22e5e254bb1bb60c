import { UserError } from '../../errors.ts';
import type { Channel } from '../channel.ts';
import { evaluate } from '../erlang.ts';
import { defineMessages } from '../message-count.ts';

/** A queue that holds messages, delivered but unacknowledged ones included. */
export interface HeldQueue {
  readonly vhost: string;
  readonly queue: string;
  readonly messages: number;
  /** A stream keeps its messages when they are read: it cannot be emptied by consuming or moving. */
  readonly type: 'queue' | 'stream';
}

/** As the broker answers; null where a queue does not answer, e.g. without a leader. */
interface QueueAnswer {
  readonly vhost: string;
  readonly name: string;
  readonly messages: number | null;
  readonly stream: boolean;
}

const countNow = [
  defineMessages,
  'rabbit_json:encode([#{vhost => V, name => N, messages => Messages(Q),',
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
  return queues.flatMap(({ vhost, name, messages, stream }) =>
    messages === null || messages === 0
      ? []
      : [{ vhost, queue: name, messages, type: stream ? 'stream' : 'queue' }],
  );
}

async function countMessages(channel: Channel, host: string): Promise<QueueAnswer[]> {
  return JSON.parse(await evaluate(channel, host, countNow)) as QueueAnswer[];
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
