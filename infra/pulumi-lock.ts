import { readdir, readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

/** A lock as Pulumi's file backend writes it. */
export interface PulumiLock {
  readonly pid: number;
  readonly username: string;
  readonly hostname: string;
  readonly timestamp: string;
}

/** Locks of a stack in a file backend, those of dead processes included. */
export async function locksOf(backend: string, stack: string): Promise<PulumiLock[]> {
  const folder = join(backend, '.pulumi/locks/organization/rabbitmq-ha-kit', stack);
  const names = await readdir(folder).catch(() => []);
  const locks = await Promise.all(
    names.filter((name) => name.endsWith('.json')).map((name) => readLock(join(folder, name))),
  );
  return locks.filter((lock) => lock !== undefined);
}

/** The one that a living update holds; undefined when all of them were left behind. */
export async function heldLock(locks: readonly PulumiLock[]): Promise<PulumiLock | undefined> {
  const alive = await Promise.all(locks.map(isAlive));
  return locks.find((_, index) => alive[index]);
}

async function readLock(path: string): Promise<PulumiLock | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as PulumiLock;
  } catch {
    // Released between the listing and the reading, or not yet written to its end.
    return undefined;
  }
}

/** A process that was killed stays listed, as a zombie, until its parent or init looks at it. */
async function isAlive(lock: PulumiLock): Promise<boolean> {
  if (lock.hostname !== hostname()) return true;
  const stat = await readFile(`/proc/${lock.pid}/stat`, 'utf8').catch(() => '');
  const [, program, state] = /^\d+ \((.*)\) (\S)/s.exec(stat) ?? [];
  // The id may be another program's by now.
  return program === 'pulumi' && state !== 'Z' && state !== 'X';
}
