import { messageOf, UserError } from '../../../errors.ts';
import { type Look, waitFor } from '../../../wait.ts';
import type { Channel, LiveHost } from '../../channel.ts';
import { runOrFail } from '../../run-or-fail.ts';
import { countMessages } from '../../service/messages.ts';
import { parseAnswer } from '../../status/answers.ts';
import { brokerGroup } from '../answers.ts';
import { askCluster } from '../ask.ts';
import { lookForBroker } from '../failover.ts';
import { copyAnswer, type CopyAnswer, type KeptCopy, lookAnswer } from './answers.ts';
import { bringPrograms, program } from './programs.ts';
import { inTurns, whyNotRecover } from './refusals.ts';
import { type QueueStake, situationOf, surveySides } from './survey.ts';

const drbdResource = 'rabbitmq';
/** Keeps the broker, and with it the disk, from the victim for that long, should whoever said so be gone. */
const banned = 'PT2H';
/** While a copy is made that takes longer it is said anew. */
const banAgainMs = 3_600_000;
const intervalMs = 1_000;
/** A stop of the broker, DRBD's change of roles and a start. */
const moveMs = 300_000;
/** As for a look at the store; the copy itself is made behind it. */
const askMs = 120_000;
/** DRBD that gets nothing done for so long will not get done. */
const standstillMs = 120_000;
/** For what depends on how much there is. */
const longestMs = 24 * 3_600_000;

type Say = (seen: string) => void;

/** Who watches a recovery. */
export interface Watcher {
  step<T>(title: string, work: (say: Say) => Promise<T>): Promise<T>;
  /** From now on, however the recovery ends, the victim has to be released, once its ban has been `asked` for. */
  whileBanned(asked: Promise<unknown>): void;
}

export interface Recovery {
  readonly victim: string;
  readonly survivor: string;
  /** Of what the victim had; undefined where an earlier recovery that was cut off has not left one. */
  readonly copy: KeptCopy | undefined;
  /** What the broker holds now. */
  readonly queues: readonly QueueStake[];
}

interface Pair {
  readonly channel: Channel;
  readonly victim: string;
  readonly survivor: string;
  readonly watcher: Watcher;
}

/**
 * Ends a split brain: the broker serves with the survivor's data, a copy of the victim's is kept on the
 * victim, and DRBD replaces the victim's data. Can be repeated after it was interrupted, at any moment.
 * @throws UserError before anything changes where there is none, or where the victim's data are needed
 */
export async function recover(
  channel: Channel,
  hosts: readonly [LiveHost, LiveHost],
  victim: string,
  watcher: Watcher,
): Promise<Recovery> {
  const sides = await surveySides(channel, hosts);
  const refused = whyNotRecover(sides, victim);
  if (refused !== undefined) throw new UserError(refused);
  const survivor = inTurns(sides, victim)[1].host;
  const pair = { channel, victim, survivor, watcher };
  // Else an earlier recovery was cut off, and DRBD went on by itself.
  if (situationOf(sides).kind === 'split') await replace(pair);
  else watcher.whileBanned(Promise.resolve());
  await watcher.step(`bringing the copy of ${victim} up to date`, (say) => untilSame(pair, say));
  const queues = await watcher.step(`asking the broker on ${survivor}`, (say) => served(pair, say));
  return { victim, survivor, copy: await lastCopy(pair), queues };
}

/** Until DRBD copies from the survivor to the victim. */
async function replace(pair: Pair): Promise<void> {
  const { channel, victim, survivor, watcher } = pair;
  await watcher.step(`having the broker serve on ${survivor}`, (say) => keepOff(pair, say));
  const before = await countMessages(channel, survivor);
  const silent = before.find(({ messages }) => messages === null);
  if (silent !== undefined) {
    throw new UserError({
      what: `the data of ${victim} stay as they are: the broker on ${survivor} does not have all of its own`,
      value: `queue ${silent.name} in vhost ${silent.vhost} does not answer`,
      fix: `npm run logs -- --host ${survivor} may say why; or make ${survivor} the victim`,
    });
  }
  await watcher.step(`keeping a copy of the data of ${victim}`, (say) => keepCopy(pair, say));
  await watcher.step(`discarding the data of ${victim}`, async () => {
    await discard(channel, victim);
    const { disk } = await askCluster(channel, survivor);
    if (disk?.connection !== 'StandAlone') return;
    await runOrFail(channel, survivor, ['drbdadm', 'connect', drbdResource]);
  });
}

/** @throws UserError when the host finds a reason not to: the disk was written to since it was copied, say */
async function discard(channel: Channel, victim: string): Promise<void> {
  try {
    await runOrFail(channel, victim, [program('split-brain'), 'discard']);
  } catch (cause) {
    throw new UserError({
      what: `the data of ${victim} stay as they are`,
      value: messageOf(cause),
      fix: 'run the same command again; npm run status shows what the cluster does there',
      cause,
    });
  }
}

/** The victim gets its disk to use no more, and the survivor has the broker. */
async function keepOff({ channel, victim, survivor, watcher }: Pair, say: Say): Promise<void> {
  const asked = ban(channel, survivor, victim);
  watcher.whileBanned(asked);
  await asked;
  const look = async (): Promise<Look<true>> => {
    const { disk } = await askCluster(channel, victim);
    if (disk?.role !== 'Secondary') {
      return { seen: `the disk on ${victim} is ${disk?.role ?? 'down'}` };
    }
    return lookForBroker(channel, survivor);
  };
  const subject = `the broker to serve on ${survivor}, and ${victim} to let its disk go`;
  const deadlineMs = moveMs * (channel.patience?.() ?? 1);
  await waitFor(look, { subject, deadlineMs, intervalMs, onSeen: say });
}

/** Can be repeated: it counts from the last time. */
async function ban(channel: Channel, survivor: string, victim: string): Promise<void> {
  const argv = ['--ban', '--resource', brokerGroup, '--node', victim, '--lifetime', banned];
  await runOrFail(channel, survivor, ['crm_resource', ...argv]);
}

/** Lets the cluster use the victim's disk again. Can be repeated. */
export async function release(channel: Channel, survivor: string, victim: string): Promise<void> {
  const argv = ['--clear', '--resource', brokerGroup, '--node', victim];
  await runOrFail(channel, survivor, ['crm_resource', ...argv]);
}

async function keepCopy(pair: Pair, say: Say): Promise<void> {
  await bringPrograms(pair.channel, pair.victim);
  await askForCopy(pair, 'copy');
  let bannedAt = performance.now();
  await waitFor(
    async () => {
      if (performance.now() - bannedAt > banAgainMs) {
        await ban(pair.channel, pair.survivor, pair.victim);
        bannedAt = performance.now();
      }
      const answer = await askForCopy(pair, 'progress');
      const failed = copyFailed(pair.victim, answer);
      if (failed !== undefined) return { failed };
      return answer.state === 'making'
        ? { seen: `${mebibytes(answer.doneBytes)} of ${mebibytes(answer.needBytes)} at most` }
        : { done: true, value: true };
    },
    {
      subject: `the copy of the data of ${pair.victim}`,
      ...{ deadlineMs: longestMs, intervalMs, onSeen: say },
    },
  );
}

/** `copy` begins it, unless it has begun, or there is one of what is on the disk now. */
async function askForCopy(
  { channel, victim }: Pair,
  command: 'copy' | 'progress',
): Promise<CopyAnswer> {
  const argv = [program('split-brain'), command];
  const { stdout, stderr } = await channel.run(victim, argv, { timeoutMs: askMs });
  return parseAnswer(copyAnswer, stdout, stderr);
}

function copyFailed(victim: string, answer: CopyAnswer): UserError | undefined {
  const what = `no copy of the data of ${victim} could be kept, so they stay as they are`;
  if (answer.state === 'no-room') {
    const { needBytes, freeBytes } = answer;
    return new UserError({
      what,
      value: `${mebibytes(freeBytes)} free on the host's own disk`,
      allowed: `at least ${mebibytes(needBytes)}`,
      fix: `make room on ${victim}, or mount a disk on /var/lib/rabbitmq-ha-kit-split-brain there`,
    });
  }
  if (answer.state !== 'failed') return undefined;
  return new UserError({
    what,
    value: answer.why,
    fix: 'mend that, and run the same command again',
  });
}

/** Takes as long as it takes, but has to get on. */
async function untilSame({ channel, victim, survivor }: Pair, say: Say): Promise<void> {
  const patience = standstillMs * (channel.patience?.() ?? 1);
  let least = Infinity;
  let since = performance.now();
  const look = async (): Promise<Look<true>> => {
    const { disks, seen } = await askDisks(channel, [victim, survivor]);
    if (disks.some((disk) => disk?.connection === 'StandAlone')) {
      return { failed: stuck('DRBD did not connect', seen) };
    }
    if (disks.every((disk) => disk?.connection === 'Connected' && disk.state === 'UpToDate')) {
      return { done: true, value: true };
    }
    const left = disks[0]?.outOfSyncKiB ?? Infinity;
    if (left < least) since = performance.now();
    least = Math.min(least, left);
    const standsStill = performance.now() - since > patience;
    return standsStill ? { failed: stuck('DRBD does not get on', seen) } : { seen };
  };
  const subject = 'both copies to be up to date';
  await waitFor(look, { subject, deadlineMs: longestMs, intervalMs, onSeen: say });
}

/** How DRBD is on hosts; undefined on one that does not answer, which may be for now. */
async function askDisks(channel: Channel, hosts: readonly string[]) {
  const asked = await Promise.allSettled(hosts.map((host) => askCluster(channel, host)));
  const disks = asked.map((one) => (one.status === 'fulfilled' ? one.value.disk : undefined));
  const seen = asked.map((one, index) => {
    if (one.status === 'rejected') return messageOf(one.reason);
    const { disk } = one.value;
    const what = disk === null ? 'down' : `${disk.connection}, ${disk.state}`;
    return `${hosts[index] ?? ''} ${what}`;
  });
  const left = disks[0] == null ? '' : `; ${mebibytes(disks[0].outOfSyncKiB * 1024)} to go`;
  return { disks, seen: `${seen.join('; ')}${left}` };
}

const stuck = (what: string, value: string): UserError =>
  new UserError({
    what: `${what}; the copy of the data of the victim is kept`,
    value,
    fix: 'the kernel log of both hosts says why; run the same command again once that is mended',
  });

async function served({ channel, survivor }: Pair, say: Say): Promise<QueueStake[]> {
  const deadlineMs = moveMs * (channel.patience?.() ?? 1);
  const subject = `the broker to serve on ${survivor}`;
  await waitFor(() => lookForBroker(channel, survivor), {
    ...{ subject, deadlineMs, intervalMs, onSeen: say },
  });
  const queues = await countMessages(channel, survivor);
  const silent = queues.find(({ messages }) => messages === null);
  if (silent !== undefined) {
    throw new Error(`queue ${silent.name} in vhost ${silent.vhost} on ${survivor} does not answer`);
  }
  return queues.map(({ vhost, name, messages }) => ({ vhost, queue: name, messages }));
}

async function lastCopy({ channel, victim }: Pair): Promise<KeptCopy | undefined> {
  await bringPrograms(channel, victim);
  const { stdout, stderr } = await channel.run(victim, [program('split-brain'), 'copies']);
  return parseAnswer(lookAnswer.shape.copies, stdout, stderr).at(-1);
}

const mebibytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
