import { UserError } from '../../errors.ts';
import type { Channel } from '../channel.ts';
import { brokerApi } from '../rabbitmq-api.ts';

/** A queue that holds messages, delivered but unacknowledged ones included. */
export interface HeldQueue {
  readonly vhost: string;
  readonly queue: string;
  readonly messages: number;
}

interface QueueAnswer {
  readonly vhost: string;
  readonly name: string;
  readonly messages?: number;
}

/**
 * The management API counts every 5 s; the queues themselves know now, but only of messages that
 * are ready. Asked on the broker in one call, printed as JSON.
 */
const readyNow = [
  'iolist_to_binary(rabbit_json:encode([',
  '#{vhost => V, name => N, messages => M} ||',
  'Q <- rabbit_amqqueue:list(),',
  '{resource, V, queue, N} <- [amqqueue:get_name(Q)],',
  '{ok, M, _} <- [catch rabbit_amqqueue:stat(Q)]])).',
].join(' ');

/** Queues with messages as `host` sees them: in a cluster one broker answers for all. */
export async function heldQueues(channel: Channel, host: string): Promise<HeldQueue[]> {
  const [counted, ready] = await Promise.all([
    brokerApi(channel, host).get<QueueAnswer[]>('/api/queues?columns=vhost,name,messages'),
    readyMessages(channel, host),
  ]);
  const held = new Map<string, HeldQueue>();
  for (const { vhost, name, messages = 0 } of [...counted, ...ready]) {
    const key = JSON.stringify([vhost, name]);
    const most = Math.max(messages, held.get(key)?.messages ?? 0);
    if (most > 0) held.set(key, { vhost, queue: name, messages: most });
  }
  return [...held.values()];
}

async function readyMessages(channel: Channel, host: string): Promise<QueueAnswer[]> {
  const result = await channel.run(host, ['rabbitmqctl', '--silent', 'eval', readyNow], {
    timeoutMs: 60_000,
  });
  if (result.code !== 0) {
    throw new Error(`counting messages on ${host} failed: ${result.stderr.trim().slice(-500)}`);
  }
  // eval prints an Erlang binary: <<"...">> around escaped JSON.
  const literal = /^<<"(.*)">>\s*$/s.exec(result.stdout)?.[1];
  if (literal === undefined) {
    throw new Error(`counting messages on ${host} answered ${result.stdout.slice(0, 200)}`);
  }
  return JSON.parse(JSON.parse(`"${literal}"`) as string) as QueueAnswer[];
}

/** `orders in vhost / (1,204)` for each, at most `limit` of them. */
export function describeHeld(held: readonly HeldQueue[], limit = 20): string[] {
  const lines = held
    .slice(0, limit)
    .map(({ vhost, queue, messages }) => `${queue} in vhost ${vhost}: ${messages}`);
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
