import { messageOf } from '../../../errors.ts';
import type { Channel, LiveHost } from '../../channel.ts';
import { countMessages } from '../../service/messages.ts';
import { parseAnswer } from '../../status/answers.ts';
import { brokerHostOf, type ClusterAnswer } from '../answers.ts';
import { askCluster } from '../ask.ts';
import { type KeptCopy, type LookAnswer, lookAnswer } from './answers.ts';
import { bringPrograms, program } from './programs.ts';
import { type Generations, parseGenerations, relationOf } from './generations.ts';

/** Milliseconds: looking at the files of a store, or booting a broker on one, takes its time. */
const lookMs = 120_000;
/** A broker on a view of a host's own copy, which is not changed by it. */
const shadowBroker = {
  argv: [program('store-view'), program('shadow-broker')],
  timeoutMs: lookMs,
};

/** One of the two hosts, as far as it answers. */
export interface Side {
  readonly host: string;
  readonly answer: ClusterAnswer | undefined;
  readonly generations: Generations | undefined;
  /** Why something of it is not known. */
  readonly trouble: string | undefined;
}

/** How the two copies of the disk are now. */
export type Situation =
  /** They are the same, or one comes from the other. */
  | { readonly kind: 'whole' }
  /** They are being brought together. */
  | { readonly kind: 'syncing'; readonly target: string }
  | { readonly kind: 'split' }
  /** They were never the same: DRBD does not bring these together, and nor does the kit. */
  | { readonly kind: 'unrelated' }
  | { readonly kind: 'unknown'; readonly why: string };

export type Sides = readonly [Side, Side];

/** Asks both hosts of their copies. Changes nothing; never throws for what a host does not say. */
export async function surveySides(
  channel: Channel,
  [first, second]: readonly [LiveHost, LiveHost],
): Promise<Sides> {
  return Promise.all([sideOf(channel, first), sideOf(channel, second)]);
}

async function sideOf(channel: Channel, { name: host, state }: LiveHost): Promise<Side> {
  const silent = { host, answer: undefined, generations: undefined };
  if (state !== 'running') return { ...silent, trouble: `${host} is ${state}` };
  try {
    const answer = await askCluster(channel, host);
    const { stdout, stderr } = await channel.run(host, ['drbdadm', 'get-gi', 'rabbitmq']);
    const generations = parseGenerations(stdout);
    const said = stderr.trim() === '' ? stdout.trim() : stderr.trim();
    const trouble =
      generations === undefined ? `${host} does not know its copy: ${said}` : undefined;
    return { host, answer, generations, trouble };
  } catch (cause) {
    return { ...silent, trouble: `${host} does not answer: ${messageOf(cause)}` };
  }
}

/** States of DRBD 8.4's connection in which the two have agreed on nothing (yet). */
const apart: ReadonlySet<string> = new Set([
  ...['StandAlone', 'Disconnecting', 'Unconnected', 'TearDown', 'WFConnection', 'WFReportParams'],
  ...['Timeout', 'BrokenPipe', 'NetworkFailure', 'ProtocolError'],
]);
/** States of the host whose copy is being replaced. */
const takesOver = /^(WFBitMapT|WFSyncUUID|SyncTarget|PausedSyncT)$/;

/** Whether both copies were written to since they were the same. Pure. */
export function situationOf(sides: Sides): Situation {
  const [first, second] = sides;
  const connections = sides.flatMap(({ answer }) => answer?.disk?.connection ?? []);
  // Hosts that speak with each other have agreed on whose data are the right ones.
  if (connections.some((connection) => !apart.has(connection))) {
    const target = sides.find(({ answer }) => takesOver.test(answer?.disk?.connection ?? ''));
    return target === undefined ? { kind: 'whole' } : { kind: 'syncing', target: target.host };
  }
  if (first.generations === undefined || second.generations === undefined) {
    const why = sides.flatMap(({ trouble }) => trouble ?? []).join('; ');
    return { kind: 'unknown', why };
  }
  const relation = relationOf(first.generations, second.generations);
  return { kind: relation === 'split' || relation === 'unrelated' ? relation : 'whole' };
}

/** What is at stake on one side. */
export interface Stake {
  readonly host: string;
  /** Clients are served here. */
  readonly serves: boolean;
  readonly disk: ClusterAnswer['disk'];
  /** ISO 8601; null where it could not be found out. */
  readonly lastWrite: string | null;
  /** KiB that this side wrote since the two parted. */
  readonly wroteKiB: number | null;
  /** What its broker holds; null where that could not be found out, or was not asked. */
  readonly queues: readonly QueueStake[] | null;
  readonly copies: readonly KeptCopy[];
  /** Why something of it is not known. */
  readonly trouble: string | null;
}

export interface QueueStake {
  readonly vhost: string;
  readonly queue: string;
  /** Null where the queue does not say. */
  readonly messages: number | null;
}

/**
 * Looks at what each side has: in the broker's files where it runs, else in a view of the copy, on which a
 * broker is started apart to count messages. Changes nothing; never throws for what a host does not say.
 * @param count have queues counted, which takes as long as a broker boots
 */
export async function weighSide(channel: Channel, side: Side, count: boolean): Promise<Stake> {
  const { host, answer } = side;
  const known = {
    ...{ host, serves: servesClients(side), disk: answer?.disk ?? null },
    wroteKiB: answer?.disk?.outOfSyncKiB ?? null,
  };
  const unknown = { lastWrite: null, queues: null, copies: [] };
  if (answer === undefined) return { ...known, ...unknown, trouble: side.trouble ?? null };
  try {
    await bringPrograms(channel, host);
    const { store, copies } = await look(channel, host);
    const lastWrite = store && new Date(store.lastWrite * 1000).toISOString();
    const counted = count ? await countQueues(channel, known) : { queues: null, trouble: null };
    return { ...known, lastWrite, copies, ...counted };
  } catch (cause) {
    return { ...known, ...unknown, trouble: `${host}: ${messageOf(cause)}` };
  }
}

export const servesClients = ({ host, answer }: Side): boolean =>
  answer !== undefined && brokerHostOf(answer) === host;

async function look(channel: Channel, host: string): Promise<LookAnswer> {
  const { stdout, stderr } = await channel.run(host, [program('split-brain'), 'look'], {
    timeoutMs: lookMs,
  });
  return parseAnswer(lookAnswer, stdout, stderr);
}

async function countQueues(
  channel: Channel,
  { host, serves, disk }: Pick<Stake, 'host' | 'serves' | 'disk'>,
): Promise<Pick<Stake, 'queues' | 'trouble'>> {
  if (!serves && disk?.role === 'Primary') {
    return { queues: null, trouble: `${host} has the disk in use, and its broker does not run` };
  }
  try {
    const queues = await countMessages(channel, host, serves ? undefined : shadowBroker);
    const stakes = queues.map(({ vhost, name, messages }) => ({ vhost, queue: name, messages }));
    return { queues: stakes, trouble: null };
  } catch (cause) {
    return { queues: null, trouble: `${host} does not say what it holds: ${messageOf(cause)}` };
  }
}
