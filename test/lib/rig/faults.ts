import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from '../../../infra/wait.ts';
import { memberCgroup } from '../../../infra/rig-provider/cgroup.ts';
import type { RigStack } from './stack.ts';

/** Process ids of a program on a host, as the host counts them; empty when it does not run. */
export async function pidsOf(stack: RigStack, host: string, program: string): Promise<string[]> {
  const pids = await stack.run(host, ['sh', '-c', 'pidof "$1" || true', 'pids', program]);
  return pids.trim().split(/\s+/).filter(Boolean).sort();
}

/** Sends a signal to every process of a program on a host. @returns the ids that it went to. */
export async function signalProgram(
  stack: RigStack,
  host: string,
  program: string,
  signal: 'KILL' | 'STOP' | 'CONT',
): Promise<string[]> {
  const pids = await pidsOf(stack, host, program);
  if (pids.length === 0) throw new Error(`${program} does not run on ${host}`);
  await stack.run(host, ['kill', `-${signal}`, ...pids]);
  return pids;
}

/** Kills a program with -9 and proves that none of its processes is left. */
export async function killProgram(
  stack: RigStack,
  host: string,
  program: string,
): Promise<readonly string[]> {
  const killed = await signalProgram(stack, host, program, 'KILL');
  await waitFor(
    async () => {
      const left = (await pidsOf(stack, host, program)).filter((pid) => killed.includes(pid));
      return left.length === 0 ? { done: true, value: true } : { seen: `alive: ${left.join(' ')}` };
    },
    { subject: `the end of ${program} on ${host}`, deadlineMs: 5_000, intervalMs: 20 },
  );
  return killed;
}

/** Freezes a program and proves that its processes stand still. */
export async function freezeProgram(stack: RigStack, host: string, program: string): Promise<void> {
  const pids = await signalProgram(stack, host, program, 'STOP');
  const states = await stack.run(host, ['ps', '-o', 'stat=', '-p', pids.join(',')]);
  if (
    !states
      .trim()
      .split('\n')
      .every((state) => state.trim().startsWith('T'))
  ) {
    throw new Error(`${program} on ${host} is not frozen: ${states.trim()}`);
  }
}

/** Empties the data volume of a host whose broker is stopped. */
export async function loseData(stack: RigStack, host: string): Promise<void> {
  await stack.run(host, ['find', '/var/lib/rabbitmq', '-xdev', '-mindepth', '1', '-delete']);
}

/** Waits until a program of the broker's unit says on `host` what `pattern` matches. */
export async function waitForJournal(
  stack: RigStack,
  host: string,
  program: string,
  pattern: RegExp,
): Promise<void> {
  const argv = ['journalctl', '--boot', '--output=cat', `--identifier=${program}`];
  await waitFor(
    async () => {
      const lines = await stack.run(host, argv);
      return pattern.test(lines)
        ? { done: true, value: true }
        : { seen: lines.trim() || 'nothing' };
    },
    {
      subject: `${program} on ${host} to say ${String(pattern)}`,
      deadlineMs: 60_000,
      intervalMs: 250,
    },
  );
}

/** Takes the power away from hosts, all at once, and proves that nothing of them runs. */
export async function powerOff(stack: RigStack, hosts: readonly string[]): Promise<void> {
  const groups = hosts.map((host) => memberCgroup(stack.name, host));
  for (const group of groups) writeFileSync(join(group, 'cgroup.kill'), '1');
  for (const group of groups) {
    const events = join(group, 'cgroup.events');
    await waitFor(
      () =>
        Promise.resolve(
          existsSync(events) && readFileSync(events, 'utf8').includes('populated 1')
            ? { seen: 'it has processes' }
            : { done: true as const, value: true },
        ),
      { subject: `the end of ${group}`, deadlineMs: 10_000, intervalMs: 20 },
    );
  }
}
