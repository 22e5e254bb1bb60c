import type { Channel } from '../channel.ts';
import { runOrFail } from '../run-or-fail.ts';
import { evaluate } from '../erlang.ts';
import { brokerApi } from '../rabbitmq-api.ts';
import { doneWhen, waitFor } from '../../wait.ts';

/** A replicated queue as the metadata store has it. */
export interface ReplicatedQueue {
  readonly vhost: string;
  readonly name: string;
  readonly type: 'quorum' | 'stream';
  /** Members that its client, a policy or the broker's settings ask for; null for all. */
  readonly wanted: number | null;
  /** Erlang nodes that hold a copy. */
  readonly members: readonly string[];
}

/** The management API's lists of members are as old as the queues' last statistics. */
const listQueues = [
  'Default = application:get_env(rabbit, quorum_cluster_size, 3),',
  'Wanted = fun(Q, Key, Else) -> case rabbit_misc:table_lookup(amqqueue:get_arguments(Q), Key) of',
  '  {_, N} when is_integer(N) -> N;',
  '  _ -> case rabbit_policy:get(<<"target-group-size">>, Q) of undefined -> Else; N -> N end',
  'end end,',
  'rabbit_json:encode([#{vhost => V, name => N, type => T, wanted => Wanted(Q, Key, Else),',
  '    members => maps:get(nodes, amqqueue:get_type_state(Q))} ||',
  '  Q <- rabbit_amqqueue:list(), {resource, V, queue, N} <- [amqqueue:get_name(Q)],',
  '  {Type, T, Key, Else} <- [',
  '    {rabbit_quorum_queue, quorum, <<"x-quorum-initial-group-size">>, Default},',
  '    {rabbit_stream_queue, stream, <<"x-initial-cluster-size">>, null}],',
  '  amqqueue:get_type(Q) =:= Type])',
].join('\n');

/** New members of queues on one node. */
export interface Growth {
  readonly node: string;
  readonly queues: readonly Pick<ReplicatedQueue, 'vhost' | 'name'>[];
  /** Whether these are all quorum queues that the node has no copy of: it needs no names then. */
  readonly all: boolean;
}

/** Adding a member answers when the queue has taken it in; its messages follow later. */
const growDeadlineMs = 300_000;
/** A member copies its queue's messages; a standstill of this length is a fault. */
const syncDeadlineMs = 600_000;
/** So many names make an argument of some kilobytes. */
const namesAtOnce = 100;

/**
 * Gives quorum queues and streams members on brokers that joined after they were declared, waits until
 * those of quorum queues hold what their queues hold, and spreads the leaders anew. Does nothing where
 * nothing is missing.
 * @param brokers host names of a cluster that is whole
 * @param places nodes that are to hold the members; what others hold does not count. All unless stated.
 * @throws when a queue did not get its members in time; what was added stays.
 */
export async function growQueues(
  channel: Channel,
  brokers: readonly string[],
  places?: readonly string[],
): Promise<void> {
  const [first] = brokers;
  if (first === undefined) return;
  const nodes = await nodesOf(channel, first);
  const names = [...nodes.keys()].filter((node) => places?.includes(node) ?? true);
  const found = (await replicatedQueues(channel, first)).map((queue) => ({
    ...queue,
    members: queue.members.filter((node) => names.includes(node)),
  }));
  const streams = planGrowth(ofType(found, 'stream'), names);
  const growths = planGrowth(ofType(found, 'quorum'), names);
  for (const growth of streams) await growStreams(channel, first, growth);
  for (const growth of growths) await grow(channel, first, growth);
  if (growths.length === 0) return;
  const left = stillWithout(growths, await replicatedQueues(channel, first));
  if (left.length > 0) throw new Error(`queues got no member ${describe(left)}`);
  for (const { node } of growths) await waitForCopies(channel, nodes.get(node) ?? first);
  await runOrFail(
    channel,
    first,
    ['rabbitmq-queues', '--silent', 'rebalance', 'quorum'],
    growDeadlineMs,
  );
}

/**
 * Which queues lack a member where. A queue that wants fewer than there are brokers gets them
 * where the fewest members are. Pure.
 */
export function planGrowth(queues: readonly ReplicatedQueue[], nodes: readonly string[]): Growth[] {
  const load = new Map(
    nodes.map((node) => [node, queues.filter(({ members }) => members.includes(node)).length]),
  );
  const planned = new Map<string, ReplicatedQueue[]>(nodes.map((node) => [node, []]));
  for (const queue of queues) {
    const free = nodes.filter((node) => !queue.members.includes(node));
    const wanted = Math.min(queue.wanted ?? nodes.length, nodes.length);
    const missing = wanted - queue.members.length;
    const chosen = free
      .toSorted((a, b) => (load.get(a) ?? 0) - (load.get(b) ?? 0))
      .slice(0, Math.max(0, missing));
    for (const node of chosen) {
      load.set(node, (load.get(node) ?? 0) + 1);
      planned.get(node)?.push(queue);
    }
  }
  return [...planned].flatMap(([node, chosen]) => {
    const without = queues.filter(({ members }) => !members.includes(node)).length;
    const names = chosen.map(({ vhost, name }) => ({ vhost, name }));
    return names.length === 0 ? [] : [{ node, queues: names, all: names.length === without }];
  });
}

/** What was planned and is not so; a queue that went meanwhile needs nothing. Pure. */
export function stillWithout(
  growths: readonly Growth[],
  queues: readonly ReplicatedQueue[],
): Growth[] {
  const members = new Map(
    queues.map(({ vhost, name, members }) => [keyOf({ vhost, name }), members]),
  );
  return growths.flatMap((growth) => {
    const left = growth.queues.filter(
      (queue) => members.get(keyOf(queue))?.includes(growth.node) === false,
    );
    return left.length === 0 ? [] : [{ ...growth, queues: left }];
  });
}

const keyOf = ({ vhost, name }: Pick<ReplicatedQueue, 'vhost' | 'name'>): string =>
  JSON.stringify([vhost, name]);

/** None where there is no queue at all, which is cheap to see. */
async function replicatedQueues(channel: Channel, host: string): Promise<ReplicatedQueue[]> {
  const path = '/api/queues?disable_stats=true&page=1&page_size=1';
  const { total_count } = await brokerApi(channel, host).get<{ total_count: number }>(path);
  if (total_count === 0) return [];
  return JSON.parse(await evaluate(channel, host, listQueues)) as ReplicatedQueue[];
}

const ofType = (queues: readonly ReplicatedQueue[], wanted: string): ReplicatedQueue[] =>
  queues.filter(({ type }) => type === wanted);

/** Host names by the Erlang node on each. */
async function nodesOf(channel: Channel, host: string): Promise<Map<string, string>> {
  const nodes = await brokerApi(channel, host).get<{ readonly name: string }[]>(
    '/api/nodes?columns=name',
  );
  return new Map(nodes.map(({ name }) => [name, /@([^.]+)/.exec(name)?.[1] ?? name]));
}

/** One command for a node where it gets every queue, else one for so many names of a virtual host. */
async function grow(channel: Channel, host: string, { node, queues, all }: Growth): Promise<void> {
  const command = ['rabbitmq-queues', '--silent', 'grow', node, 'all'];
  if (all) {
    await runOrFail(channel, host, command, growDeadlineMs);
    return;
  }
  for (const [vhost, those] of Map.groupBy(queues, (queue) => queue.vhost)) {
    for (let start = 0; start < those.length; start += namesAtOnce) {
      const names = those.slice(start, start + namesAtOnce).map(({ name }) => name);
      const patterns = ['--vhost-pattern', exactly([vhost]), '--queue-pattern', exactly(names)];
      await runOrFail(channel, host, [...command, ...patterns], growDeadlineMs);
    }
  }
}

/** Debian links this command into no folder of PATH; like the others it wants the broker's own user. */
const streamCommand = ['runuser', '-u', 'rabbitmq', '--', '/usr/lib/rabbitmq/bin/rabbitmq-streams'];

async function growStreams(
  channel: Channel,
  host: string,
  { node, queues }: Growth,
): Promise<void> {
  for (const { vhost, name } of queues) {
    const argv = ['--silent', 'add_replica', '--vhost', vhost, name, node];
    await runOrFail(channel, host, [...streamCommand, ...argv], growDeadlineMs);
  }
}

/**
 * Takes the members of quorum queues and streams on a node away, for good.
 * @throws when a queue keeps one there
 */
export async function shrinkQueues(channel: Channel, host: string, node: string): Promise<void> {
  const on = async (type: string): Promise<ReplicatedQueue[]> =>
    ofType(await replicatedQueues(channel, host), type).filter(({ members }) =>
      members.includes(node),
    );
  if ((await on('quorum')).length > 0) {
    const argv = ['rabbitmq-queues', '--silent', 'shrink', node];
    await runOrFail(channel, host, argv, growDeadlineMs);
  }
  for (const { vhost, name } of await on('stream')) {
    const argv = ['--silent', 'delete_replica', '--vhost', vhost, name, node];
    await runOrFail(channel, host, [...streamCommand, ...argv], growDeadlineMs);
  }
  const left = [...(await on('quorum')), ...(await on('stream'))];
  if (left.length === 0) return;
  throw new Error(`queues keep a member ${describe([{ node, queues: left, all: false }])}`);
}

/** A regular expression (PCRE, on bytes) for these names and no other. */
export const exactly = (names: readonly string[]): string =>
  `^(${names.map((name) => name.replace(/[^A-Za-z0-9\u0080-\uffff]/g, '\\$&')).join('|')})$`;

/**
 * Waits until members that are new on the host hold what their queues hold. Until then they have no vote:
 * they would have to copy the queue in the middle of a fault.
 */
export async function waitForCopies(
  channel: Channel,
  host: string,
  deadlineMs = syncDeadlineMs,
): Promise<void> {
  const check = 'check_if_new_quorum_queue_replicas_have_finished_initial_sync';
  await waitFor(
    async () => {
      const { code, stdout, stderr } = await channel.run(host, [
        ...['rabbitmq-queues', '--silent', check],
      ]);
      // 64: a release without this command has no members without a vote.
      return doneWhen(code === 0 || code === 64, `${stdout}${stderr}`.trim().slice(-500));
    },
    {
      subject: `the queues on ${host} to have their copies`,
      deadlineMs,
      intervalMs: 500,
    },
  );
}

const describe = (growths: readonly Growth[]): string =>
  growths
    .map(({ node, queues }) => {
      const names = queues.slice(0, 5).map(({ vhost, name }) => `${name} in vhost ${vhost}`);
      const more = queues.length > names.length ? `, and ${queues.length - names.length} more` : '';
      return `on ${node}: ${names.join(', ')}${more}`;
    })
    .join('; ');
