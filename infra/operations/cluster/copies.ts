import { type Look, waitFor } from '../../wait.ts';
import type { Channel } from '../channel.ts';
import { type ClusterAnswer, progressText } from './answers.ts';
import { askCluster, isClusterHost } from './ask.ts';

/** A host that was switched on is in the cluster within half of it, and its copy on the way. */
const deadlineMs = 60_000;

/** DRBD 8.4 copies, or has nothing to copy. */
const copying = ['Connected', 'SyncSource', 'SyncTarget', 'PausedSyncS', 'PausedSyncT'];

/**
 * Waits until each host's copy of the disk is connected to the other one: until then the loss of the host
 * with the broker would end the service. A copy that catches up is not waited for: that takes as long as there
 * is data, and clients are served.
 * @returns what keeps the copies apart where waiting does not help; else what is still to be copied; undefined
 * where both are whole
 */
export async function waitForCopies(
  channel: Channel,
  onSeen?: (seen: string) => void,
): Promise<string | undefined> {
  const hosts = (await channel.hosts()).filter(isClusterHost);
  // On EC2 a host that was fenced stays off until somebody starts it.
  const off = hosts.find(({ state }) => state !== 'running');
  if (off !== undefined) return `${off.name} is stopped: one copy of the disk is written`;
  const look = async (): Promise<Look<string | undefined>> => {
    const answers = await Promise.all(
      hosts.map(async ({ name }) => [name, await askCluster(channel, name)] as const),
    );
    return lookAtCopies(new Map(answers));
  };
  return waitFor(look, {
    subject: 'both copies of the disk to be connected',
    deadlineMs: deadlineMs * (channel.patience?.() ?? 1),
    intervalMs: 1_000,
    ...(onSeen === undefined ? {} : { onSeen }),
  });
}

/** By what the hosts say, under their names. Pure. */
export function lookAtCopies(
  answers: ReadonlyMap<string, Pick<ClusterAnswer, 'disk'>>,
): Look<string | undefined> {
  const disks = [...answers].map(([name, { disk }]) => ({ name, disk }));
  const apart = disks.find(({ disk }) => disk?.connection === 'StandAlone');
  if (apart !== undefined) {
    return {
      done: true,
      value: `${apart.name} does not copy: npm run split-brain -- status says whether both were written to`,
    };
  }
  const waiting = disks.filter(({ disk }) => disk === null || !copying.includes(disk.connection));
  if (waiting.length > 0) {
    const seen = waiting.map(({ name, disk }) => `${name}: ${disk?.connection ?? 'DRBD is down'}`);
    return { seen: seen.join(', ') };
  }
  const behind = disks.filter(({ disk }) => disk?.state !== 'UpToDate');
  const told = behind.map(
    ({ name, disk }) => `${name} catches up${progressText(disk?.syncPercent)}`,
  );
  return { done: true, value: told.length === 0 ? undefined : told.join(', ') };
}
