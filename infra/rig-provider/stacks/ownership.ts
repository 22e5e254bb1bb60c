import { existsSync, statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { heldLock, locksOf } from '../../pulumi-lock.ts';
import { stateDir } from '../../paths.ts';
import type { FoundStack } from './inventory.ts';

/**
 * Whether a stack belongs to a state. Only an orphan may be collected:
 * - `live`: its state knows it, running or not
 * - `changing`: a command is at it right now, or was a moment ago
 * - `unknown`: whose it is cannot be told from here
 * - `orphan`: the state that made it does not know it any more
 */
export type Belonging = 'live' | 'changing' | 'unknown' | 'orphan';

export interface Verdict {
  readonly belonging: Belonging;
  /** One clause. */
  readonly why: string;
}

/** A `down` whose state is gone already may still be sweeping for this long. */
const departureMs = 10 * 60_000;

/** Looks at the states on this machine's disks; asks no backend over a network. */
export async function judgeStack({ stack, record, running }: FoundStack): Promise<Verdict> {
  const own = join(stateDir, 'backend');
  const backend = record === undefined ? own : folderOf(record.backend);
  if (backend === undefined) {
    return {
      belonging: 'unknown',
      why: `only its backend can say: ${record?.backend ?? 'unknown'}`,
    };
  }
  const lock = await heldLock(await locksOf(backend, stack));
  if (lock !== undefined) return { belonging: 'changing', why: `process ${lock.pid} changes it` };
  if (knows(backend, stack)) return { belonging: 'live', why: `in the state of ${backend}` };
  // Somebody may have moved its state into the backend that this command uses.
  if (knows(own, stack)) return { belonging: 'live', why: `in the state of ${own}` };
  if (record !== undefined && departsNow(record.stateDir, stack)) {
    return { belonging: 'changing', why: 'a down of it began some minutes ago' };
  }
  if (record === undefined && running) {
    return { belonging: 'unknown', why: 'it runs, and nothing says which state made it' };
  }
  return { belonging: 'orphan', why: `no state knows it (looked in ${backend})` };
}

/**
 * Folder of a file backend; undefined for any other one, and for one that is written as seen from
 * its maker's home or working folder: from here it would be looked for in the wrong place.
 */
function folderOf(backend: string | undefined): string | undefined {
  const path = /^file:\/\/([^?]*)/.exec(backend ?? '')?.[1];
  return path !== undefined && isAbsolute(path) ? path : undefined;
}

/** With PULUMI_DIY_BACKEND_GZIP the state is compressed. */
const knows = (backend: string, stack: string): boolean =>
  ['stacks/rabbitmq-ha-kit', 'stacks'].some((folder) =>
    ['json', 'json.gz'].some((kind) =>
      existsSync(join(backend, '.pulumi', folder, `${stack}.${kind}`)),
    ),
  );

function departsNow(state: string, stack: string): boolean {
  const file = statSync(join(state, 'departures', `${stack}.json`), { throwIfNoEntry: false });
  return file !== undefined && Date.now() - file.mtimeMs < departureMs;
}
