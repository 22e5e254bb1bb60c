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
  const held = locks.find((lock) => lock !== undefined && isAlive(lock));
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

function isAlive(lock: LockFile): boolean {
  if (lock.hostname !== hostname()) return true;
  try {
    process.kill(lock.pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
