import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { userErrorText } from '../../../infra/errors.ts';
import { testFolder } from './places.ts';

/** `flock` says so by its exit code when somebody else holds the lock. */
const heldByAnother = 75;

/**
 * Holds a folder until the returned function is called. The kernel holds the lock, so that it ends with
 * this process however that ends.
 * @throws with the process that holds it
 */
export async function holdAlone(folder: string): Promise<() => Promise<void>> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, 'lock');
  const argv = ['--nonblock', '--conflict-exit-code', String(heldByAnother), file];
  // Out of reach of the terminal's Ctrl-C: the lock is held until the tests have ended.
  const holder = spawn('flock', [...argv, 'sh', '-c', 'echo held; exec cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true,
  });
  const ended = once(holder, 'close') as Promise<[number | null]>;
  const held = once(holder.stdout, 'data').then(() => undefined);
  const end = await Promise.race([held, ended]);
  if (end !== undefined) {
    if (end[0] === heldByAnother) throw inUse(folder, readFileSync(file, 'utf8').trim());
    throw new Error(`cannot lock ${file}: flock ended with ${String(end[0])}`);
  }
  const since = new Date().toISOString();
  writeFileSync(file, `process ${process.pid} in ${process.cwd()}, since ${since}\n`);
  return async () => {
    // End of input ends the holder, and with it the lock.
    holder.stdin.end();
    await ended;
  };
}

/** Vitest shows what set-up throws with its stack trace, which is of no help here. */
function inUse(folder: string, holder: string): Error {
  const what =
    'other tests on real hosts run with the same folder, and would find their stacks changed';
  const message = userErrorText({
    what,
    value: folder,
    allowed: `one run at a time; now it is ${holder}`,
    fix: 'wait until that one has ended, or give this one a folder of its own: TMPDIR=$(mktemp -d) npm test',
  });
  return Object.assign(new Error(message), { stack: '' });
}

/** Set-up of the projects with real hosts: their test files share environments. */
export default (): Promise<() => Promise<void>> => holdAlone(testFolder);
