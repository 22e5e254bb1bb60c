import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isPopulated, makeCgroup, memberCgroup, powerGroup, removeCgroup } from '../cgroup.ts';
import { tail } from '../exec.ts';
import { stackRun } from '../names.ts';
import { whenReady } from '../ready-child.ts';

/** Where a stack's hosts reach its power service: a socket that qemu leads into the machine. */
export const powerSocket = (stack: string): string => join(stackRun(stack), 'power.socket');

const logOf = (stack: string): string => join(stackRun(stack), 'power.log');

export const hasPowerService = (stack: string): boolean =>
  isPopulated(memberCgroup(stack, powerGroup));

/** Starts the stack's power service anew. */
export async function startPowerService(stack: string, password: string): Promise<void> {
  await stopPowerService(stack);
  const group = memberCgroup(stack, powerGroup);
  makeCgroup(group);
  mkdirSync(stackRun(stack), { recursive: true, mode: 0o700 });
  const log = openSync(logOf(stack), 'w', 0o600);
  const script = 'echo $$ > "$1/cgroup.procs"; shift; exec "$@"';
  const child = spawn(
    'sh',
    [
      ...['-c', script, 'power', group],
      ...[process.execPath, '--max-semi-space-size=1', '--max-old-space-size=64'],
      ...[join(import.meta.dirname, 'service.ts'), stack, powerSocket(stack)],
    ],
    { detached: true, cwd: '/', stdio: ['pipe', 'pipe', log] },
  );
  closeSync(log);
  child.stdin?.end(password);
  await whenReady(child, `power service of ${stack}`, () =>
    tail(readFileSync(logOf(stack), 'utf8')),
  );
  child.unref();
}

export async function stopPowerService(stack: string): Promise<void> {
  await removeCgroup(memberCgroup(stack, powerGroup));
  for (const file of [powerSocket(stack), logOf(stack)]) rmSync(file, { force: true });
}
