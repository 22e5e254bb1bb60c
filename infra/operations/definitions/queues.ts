import type { Channel } from '../channel.ts';
import { defineMessages } from '../message-count.ts';
import { evaluateJson } from './evaluate.ts';

export interface QueueName {
  readonly vhost: string;
  readonly name: string;
}

/** A queue as it is now; null where it does not answer. */
export interface QueueUse extends QueueName {
  readonly messages: number | null;
  readonly consumers: number | null;
  /** Of all that it holds; null where it does not tell, e.g. a stream. */
  readonly bytes: number | null;
  /** As RabbitMQ calls it: `rabbit_quorum_queue`. */
  readonly type: string;
}

/** Messages and consumers of a queue now: the management API's figures are seconds old. */
const use = [
  defineMessages,
  'Consumers = fun(Q) -> try length(rabbit_amqqueue:consumers(Q)) catch _:_ -> null end end,',
  'Bytes = fun(Q) -> try case amqqueue:get_type(Q) of',
  '  rabbit_quorum_queue ->',
  '    {ok, {_, #{enqueue_message_bytes := In, checkout_message_bytes := Out}}, _} =',
  '      ra:leader_query(amqqueue:get_pid(Q), fun rabbit_fifo:overview/1, 5000), In + Out;',
  '  rabbit_classic_queue -> [{message_bytes, N}] = rabbit_amqqueue:info(Q, [message_bytes]), N;',
  '  _ -> null',
  'end catch _:_ -> null end end,',
  'Use = fun(Q) -> {resource, V, queue, N} = amqqueue:get_name(Q),',
  '  #{vhost => V, name => N, messages => Messages(Q), consumers => Consumers(Q),',
  '    bytes => Bytes(Q), type => amqqueue:get_type(Q)} end,',
].join('\n');

const find = 'Find = fun(V, N) -> rabbit_amqqueue:lookup({resource, V, queue, N}) end,';

const look = [
  use,
  find,
  '#{<<"vhosts">> := Vs, <<"queues">> := Ns} = Given,',
  'Named = [Q || #{<<"vhost">> := V, <<"name">> := N} <- Ns, {ok, Q} <- [Find(V, N)]],',
  'Inside = lists:append([rabbit_amqqueue:list(V) || V <- Vs]),',
  '[Use(Q) || Q <- lists:usort(Named ++ Inside)]',
].join('\n');

/** The named queues that exist, and every queue of these vhosts, temporary ones included. */
export const queuesInUse = (
  channel: Channel,
  host: string,
  of: { readonly vhosts: readonly string[]; readonly queues: readonly QueueName[] },
): Promise<QueueUse[]> =>
  of.vhosts.length + of.queues.length === 0
    ? Promise.resolve([])
    : evaluateJson<QueueUse[]>(channel, host, look, of);

/**
 * Counting and deleting in one breath: only a classic queue can be told to go if it is empty, a quorum
 * queue refuses that.
 */
const deleteEmpty = [
  use,
  find,
  'User = <<"rabbitmq-ha-kit">>,',
  'Delete = fun(Q) -> case amqqueue:get_type(Q) of',
  '  rabbit_classic_queue -> rabbit_amqqueue:delete(Q, true, true, User);',
  '  _ -> rabbit_amqqueue:delete(Q, false, false, User)',
  'end end,',
  'lists:append([case Find(V, N) of',
  '  {ok, Q} -> case Use(Q) of',
  '    #{messages := 0, consumers := 0} = U ->',
  '      case Delete(Q) of {ok, _} -> []; _ -> [U#{messages => null}] end;',
  '    U -> [U]',
  '  end;',
  '  _ -> []',
  'end || #{<<"vhost">> := V, <<"name">> := N} <- Given])',
].join('\n');

/** Deletes those that are empty and unused; returns those that were not, as they are. */
export const deleteEmptyQueues = (
  channel: Channel,
  host: string,
  queues: readonly QueueName[],
): Promise<QueueUse[]> =>
  queues.length === 0
    ? Promise.resolve([])
    : evaluateJson<QueueUse[]>(channel, host, deleteEmpty, queues);
