import { readdir, readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../../infra/errors.ts';
import { stateDir } from '../../infra/paths.ts';

/** A lock as Pulumi's file backend writes it. */
interface LockFile {
  readonly pid: number;
  readonly username: string;
  readonly hostname: string;
  readonly timestamp: string;
}

const locksDir = (stack: string): string =>
  join(stateDir, 'backend/.pulumi/locks/organization/rabbitmq-ha-kit', stack);

/**
 * Looks at the locks of a stack in the kit's own backend; other backends speak for themselves.
 * @returns whether locks of processes that are gone must be cleared (an update that was killed).
 * @throws UserError naming the holder when an update of this stack runs now.
 */
export async function findStaleLock(stack: string): Promise<boolean> {
  if (process.env['PULUMI_BACKEND_URL'] !== undefined) return false;
  const names = await readdir(locksDir(stack)).catch(() => []);
  const locks = await Promise.all(
    names
      .filter((name) => name.endsWith('.json'))
      .map(async (name) => readLock(join(locksDir(stack), name))),
  );
  const alive = await Promise.all(
    locks.map(async (lock) => (lock !== undefined && (await isAlive(lock)) ? lock : undefined)),
  );
  const held = alive.find((lock) => lock !== undefined);
  if (held !== undefined) {
    throw new UserError({
      what: `stack ${stack} is being changed right now`,
      value: `by ${held.username}@${held.hostname}, process ${held.pid}, since ${held.timestamp}`,
      fix: 'wait until it ends, or end that process; its lock goes with it',
    });
  }
  return locks.some((lock) => lock !== undefined);
}

async function readLock(path: string): Promise<LockFile | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as LockFile;
  } catch {
    // Released between the listing and the reading, or not yet written to its end.
    return undefined;
  }
}

/** A process that was killed stays listed, as a zombie, until its parent or init looks at it. */
async function isAlive(lock: LockFile): Promise<boolean> {
  if (lock.hostname !== hostname()) return true;
  const stat = await readFile(`/proc/${lock.pid}/stat`, 'utf8').catch(() => '');
  const [, program, state] = /^\d+ \((.*)\) (\S)/s.exec(stat) ?? [];
  // The id may be another program's by now.
  return program === 'pulumi' && state !== 'Z' && state !== 'X';
}
