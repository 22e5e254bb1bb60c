import { doneWhen, waitFor } from '../../../wait.ts';
import type { Channel } from '../../channel.ts';
import { evaluate } from '../../erlang.ts';

/** How far each replica of a stream has got. */
export interface StreamLog {
  readonly vhost: string;
  readonly name: string;
  /** Last offset that the leader has written; -1 in an empty stream. */
  readonly last: number;
  /** By node, without the leader; null where the replica does not say. */
  readonly replicas: Readonly<Record<string, number | null>>;
}

const listLogs = [
  'Logs = fun(Node) -> erpc:call(Node, osiris_counters, overview, [], 5000) end,',
  'Offset = fun(Node, Key) -> maps:get(offset, maps:get(Key, Logs(Node))) end,',
  'Try = fun(F) -> try F() catch _:_ -> null end end,',
  'rabbit_json:encode([begin',
  '    Name = amqqueue:get_name(Q), {resource, V, queue, N} = Name,',
  '    Leader = node(amqqueue:get_pid(Q)),',
  '    #{vhost => V, name => N, last => Offset(Leader, {osiris_writer, Name}),',
  '      replicas => maps:from_list([{Node, Try(fun() -> Offset(Node, {osiris_replica, Name}) end)} ||',
  '        Node <- maps:get(nodes, amqqueue:get_type_state(Q)), Node =/= Leader])}',
  '  end || Q <- rabbit_amqqueue:list(), amqqueue:get_type(Q) =:= rabbit_stream_queue])',
].join('\n');

/**
 * Waits until the replicas of all streams on the nodes hold what the streams held when it began.
 * A replica that has just been made has nothing yet: the stream would be what it is.
 * @throws after the deadline, naming one that is behind
 */
export async function waitForStreams(
  channel: Channel,
  host: string,
  nodes: readonly string[],
  deadlineMs: number,
): Promise<void> {
  const read = async (): Promise<StreamLog[]> =>
    JSON.parse(await evaluate(channel, host, listLogs)) as StreamLog[];
  let goal: StreamLog[] | undefined;
  await waitFor(
    async () => {
      goal ??= await read();
      const behind = behindOf(goal, goal.length === 0 ? [] : await read(), nodes);
      return doneWhen(behind.length === 0, behind.slice(0, 5).join('; '));
    },
    { subject: 'streams to be whole on the brokers that stay', deadlineMs, intervalMs: 1_000 },
  );
}

/** One clause for each replica that has not got as far as the goal says. Pure. */
export function behindOf(
  goal: readonly StreamLog[],
  now: readonly StreamLog[],
  nodes: readonly string[],
): string[] {
  const goals = new Map(goal.map(({ vhost, name, last }) => [JSON.stringify([vhost, name]), last]));
  return now.flatMap(({ vhost, name, replicas }) => {
    const last = goals.get(JSON.stringify([vhost, name])) ?? -1;
    return Object.entries(replicas)
      .filter(([node, offset]) => nodes.includes(node) && (offset ?? -2) < last)
      .map(
        ([node, offset]) =>
          `${name} in vhost ${vhost} is at ${offset ?? '?'} of ${last} on ${node}`,
      );
  });
}
