import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findNamedRoot, findUnifiedRoot, isRoomier } from '../../../infra/rig-provider/cgroup.ts';
import { CommandError, exec, must } from '../../../infra/rig-provider/exec.ts';
import { identify, isAlive } from '../../../infra/rig-provider/process.ts';
import { doneWhen, waitFor } from '../../../infra/wait.ts';

describe('mounts of control groups', () => {
  const hybrid = [
    'cgroup /sys/fs/cgroup/memory cgroup rw,relatime,memory 0 0',
    'cgroup /sys/fs/cgroup/systemd cgroup rw,relatime,name=systemd 0 0',
    'cgroup2 /sys/fs/cgroup/unified cgroup2 rw,relatime 0 0',
  ].join('\n');

  it('are found where both versions are mounted', () => {
    expect(findUnifiedRoot(hybrid)).toBe('/sys/fs/cgroup/unified');
    expect(findNamedRoot(hybrid)).toBe('/sys/fs/cgroup/systemd');
  });

  it('are found where there is version 2 alone', () => {
    const unified = 'cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid,nodev,noexec 0 0';
    expect(findUnifiedRoot(unified)).toBe('/sys/fs/cgroup');
    expect(findNamedRoot(unified)).toBeUndefined();
    expect(findUnifiedRoot('proc /proc proc rw 0 0')).toBeUndefined();
  });
});

describe('a memory limit', () => {
  it('is roomier only above the one in force', () => {
    const group = mkdtempSync(join(tmpdir(), 'rig-cgroup-'));
    try {
      expect(isRoomier(group, 512)).toBe(false);
      for (const [inForce, expected] of [
        ['max\n', false],
        [`${512 * 1024 * 1024}\n`, false],
        [`${511 * 1024 * 1024}\n`, true],
        [`${1024 * 1024 * 1024}\n`, false],
      ] as const) {
        writeFileSync(join(group, 'memory.max'), inForce);
        expect(isRoomier(group, 512)).toBe(expected);
      }
    } finally {
      rmSync(group, { recursive: true });
    }
  });
});

describe('identity of a process', () => {
  it('tells the live from the dead', async () => {
    const child = spawn('sleep', ['60']);
    const identity = child.pid === undefined ? undefined : identify(child.pid);
    expect(isAlive(identity)).toBe(true);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(isAlive(identity)).toBe(false);
  });

  it('does not take a later process of the same number for it', () => {
    const self = identify(process.pid);
    expect(self && isAlive({ ...self, startTime: '1' })).toBe(false);
    expect(self && isAlive({ ...self, bootId: 'another' })).toBe(false);
  });
});

describe('commands', () => {
  it('return output and exit code, and read their input', async () => {
    const result = await exec(['sh', '-c', 'cat; echo oops >&2; exit 3'], { input: 'hello' });
    expect(result).toEqual({ code: 3, stdout: 'hello', stderr: 'oops\n' });
  });

  it('that must succeed fail with command, exit code and last words', async () => {
    const failure = await must(['sh', '-c', 'echo why >&2; exit 4']).catch((e: unknown) => e);
    expect(failure).toBeInstanceOf(CommandError);
    expect((failure as Error).message).toBe('sh -c echo why >&2; exit 4: exit 4: why');
  });

  it('are killed with their children at the deadline', async () => {
    const slow = exec(['sh', '-c', 'sleep 60 & echo $!; wait'], { timeoutMs: 300 });
    const message = await slow.then(
      () => 'no error',
      (error: unknown) => (error as Error).message,
    );
    expect(message).toMatch(/not done after 300 ms; last output: \d+$/);
    const child = Number(/\d+$/.exec(message)?.[0]);
    await waitFor(() => doneWhen(identify(child) === undefined, 'it runs'), {
      subject: `the child ${child} to be dead`,
      deadlineMs: 5_000,
      intervalMs: 10,
    });
  });

  it('that cannot start say so', async () => {
    await expect(exec(['no-such-command-here'])).rejects.toThrow(
      'cannot start no-such-command-here',
    );
  });
});
