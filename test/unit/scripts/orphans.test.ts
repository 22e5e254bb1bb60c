import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { doneWhen, waitFor } from '../../../infra/wait.ts';
import { defaultBackend } from '../../../scripts/lib/backend.ts';
import { endOrphans } from '../../../scripts/lib/orphans.ts';

/** A stack of this run alone: no process of the machine may be taken for one of it. */
const stack = `unit-orphans-${process.pid}`;
let folder = '';
const started: ChildProcess[] = [];
const hosts: number[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rabbitmq-ha-kit-unit-orphans-'));
  for (const name of ['pulumi-language-nodejs', 'pulumi', 'bystander']) {
    copyFileSync('/bin/sh', join(folder, name));
    chmodSync(join(folder, name), 0o755);
  }
});
afterEach(() => {
  // Each leads a process group.
  const groups = hosts.splice(0).map((pid) => -pid);
  for (const pid of [...groups, ...started.splice(0).flatMap(({ pid }) => pid ?? [])]) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // The test has ended it.
    }
  }
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A stand-in for a language host with a child, under a `parent` that lives or is gone. */
async function startHost(
  parent: 'pulumi' | 'gone',
  environment: Record<string, string> = {},
  name = 'pulumi-language-nodejs',
): Promise<number> {
  const file = join(folder, `pid-${started.length}`);
  rmSync(file, { force: true });
  // setsid gives it a group of its own, as Pulumi does.
  const host = `setsid "$1" -c 'sleep 300 & echo $$ > "$1.new"; mv "$1.new" "$1"; wait' host "$2" &`;
  const script = parent === 'gone' ? host : `${host} wait; :`;
  const child = spawn(join(folder, 'pulumi'), ['-c', script, 'pulumi', join(folder, name), file], {
    env: {
      PATH: process.env['PATH'],
      PULUMI_STACK: stack,
      PULUMI_BACKEND_URL: defaultBackend,
      ...environment,
    },
    stdio: 'ignore',
  });
  started.push(child);
  await waitFor(() => doneWhen(existsSync(file), 'no process id'), {
    subject: 'the stand-in to run',
    deadlineMs: 5_000,
    intervalMs: 10,
  });
  const pid = Number(readFileSync(file, 'utf8'));
  hosts.push(pid);
  return pid;
}

const isThere = (pid: number): boolean => existsSync(`/proc/${pid}/environ`) && !isZombie(pid);
const isZombie = (pid: number): boolean =>
  / [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\)/, ''));

describe('what a killed update left running', () => {
  it('is ended with its process group', async () => {
    const since = Date.now();
    const pid = await startHost('gone');
    const [sleeper = ''] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ');
    expect(isThere(Number(sleeper))).toBe(true);
    expect(await endOrphans(stack, since)).toBe(1);
    expect(isThere(pid)).toBe(false);
    await waitFor(() => doneWhen(!isThere(Number(sleeper)), 'its child runs'), {
      subject: 'the child to end',
      deadlineMs: 5_000,
      intervalMs: 10,
    });
  });

  it.each([
    ['of a Pulumi that runs', 'pulumi', {}, undefined, 0],
    ['of another stack', 'gone', { PULUMI_STACK: `${stack}-2` }, undefined, 0],
    ['of another backend', 'gone', { PULUMI_BACKEND_URL: 'file:///elsewhere' }, undefined, 0],
    ['that is no language host', 'gone', {}, 'bystander', 0],
    ['that is older than the lock', 'gone', {}, undefined, 60_000],
  ] as const)('is left alone when it is a process %s', async (_, parent, env, name, later) => {
    const since = Date.now() + later;
    const pid = await startHost(parent, env, name);
    expect(await endOrphans(stack, since)).toBe(0);
    expect(isThere(pid)).toBe(true);
  });
});
