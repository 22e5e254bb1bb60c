import type { UserErrorParts } from '../../../errors.ts';
import type { ClusterAnswer } from '../answers.ts';
import { type Side, type Sides, situationOf } from './survey.ts';

/** What DRBD's handler leaves with the cluster when a host wrote on without the other one. */
const fencingNote = "//rsc_location[starts-with(@id, 'drbd-fence-by-handler')]";

const look = 'npm run split-brain -- status shows what is there';

/**
 * Why the data of a host are not given up for those of the other one; undefined where they can be, or
 * are being replaced already. Pure.
 */
export function whyNotRecover(sides: Sides, victim: string): UserErrorParts | undefined {
  const [lost, kept] = inTurns(sides, victim);
  const what = `the data of ${victim} stay as they are`;
  const situation = situationOf(sides);
  switch (situation.kind) {
    case 'whole':
      return {
        what: 'nothing to recover from: there is no split brain',
        value: sides.map((side) => `${side.host}: ${copyText(side.answer)}`).join('; '),
        fix: look,
      };
    case 'syncing':
      return situation.target === victim
        ? undefined
        : { what, value: `those of ${situation.target} are being replaced by them`, fix: look };
    case 'unrelated':
      return {
        what: `${what}: the two copies were never the same, which is no split brain`,
        fix: `keep a copy of both disks; then have DRBD make one of them anew (drbdadm create-md)`,
      };
    case 'unknown':
      return {
        what: `${what}, as it is not known whether there is a split brain`,
        value: situation.why,
        fix: 'npm run up brings hosts back; run the same command again then',
      };
    case 'split':
      return whyNotDiscard(what, lost, kept);
  }
}

function whyNotDiscard(what: string, lost: Side, kept: Side): UserErrorParts | undefined {
  const state = kept.answer?.disk?.state ?? 'down';
  if (state !== 'UpToDate') {
    return {
      what: `${what}: they are the only ones that are up to date`,
      value: `the copy of ${kept.host} is ${state}`,
      allowed: 'a victim whose peer is UpToDate',
      fix: `make ${kept.host} the victim, or mend its disk first`,
    };
  }
  const apart = [whyApart(lost, kept), whyApart(kept, lost)].find((why) => why !== undefined);
  if (apart !== undefined) {
    return {
      what: `${what} while the two hosts do not work together`,
      value: apart,
      fix: 'mend the network between them; run the same command again then',
    };
  }
  if (kept.answer?.onlyCopy === lost.host) {
    return {
      what: `${what}: the cluster has a note that only they have all that was written`,
      value: `no other host than ${lost.host} may have the disk`,
      allowed: `the victim ${kept.host}`,
      fix: `make ${kept.host} the victim; to go by its data all the same, first take the note back there: cibadmin --delete --force --xpath "${fencingNote}"`,
    };
  }
  if (lost.answer?.disk == null) {
    const fix = 'npm run status shows what the cluster does there; run the same command again then';
    return { what, value: `DRBD is down on ${lost.host}`, allowed: 'running', fix };
  }
  return undefined;
}

/** Why a host does not work together with the other one; undefined where it does. Pure. */
export function whyApart({ host, answer }: Side, other: Side): string | undefined {
  const cluster = answer?.cluster ?? null;
  if (cluster === null) return `the cluster manager does not run on ${host}`;
  if (!cluster.quorate) return `${host} has no majority`;
  const member = cluster.members.find(({ name }) => name === other.host);
  return member?.online === true ? undefined : `to ${host}, ${other.host} is offline`;
}

const copyText = (answer: ClusterAnswer | undefined): string =>
  answer?.disk == null ? 'DRBD is down' : `${answer.disk.connection}, ${answer.disk.state}`;

/** The victim first. */
export function inTurns([first, second]: Sides, victim: string): Sides {
  return second.host === victim ? [second, first] : [first, second];
}
