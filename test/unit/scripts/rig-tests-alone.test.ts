import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { repositoryRoot } from '../../../infra/paths.ts';
import { waitFor } from '../../../infra/wait.ts';
import { holdAlone } from '../../lib/rig/alone.ts';

let folder = '';
let other: ChildProcess | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rabbitmq-ha-kit-alone-'));
});
afterEach(() => {
  other?.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

/** Another process that holds the folder until it is killed. */
async function holderElsewhere(): Promise<ChildProcess> {
  const module = join(repositoryRoot, 'test/lib/rig/alone.ts');
  const program = `await (await import(${JSON.stringify(module)})).holdAlone(${JSON.stringify(folder)});
    console.log('held'); setInterval(() => {}, 1000);`;
  const argv = ['--input-type=module', '--eval', program];
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return child;
}

it('a second run is told who is at it, and the next one after a kill -9 is not', async () => {
  other = await holderElsewhere();
  const refused = holdAlone(folder);
  await expect(refused).rejects.toThrow(`now it is process ${String(other.pid)} in `);
  await expect(refused).rejects.toThrow(
    /the same folder.*: .*\n {2}allowed: .*\n {2}fix: .*TMPDIR=/,
  );
  other.kill('SIGKILL');
  const release = await waitFor(
    async () => {
      const held = await holdAlone(folder).catch((error: unknown) => String(error));
      return typeof held === 'string' ? { seen: held } : { done: true, value: held };
    },
    { subject: 'the lock of a killed process to be free', deadlineMs: 10_000, intervalMs: 20 },
  );
  await release();
});

it('goes with its holder, and holds no other folder', async () => {
  const release = await holdAlone(folder);
  await expect(holdAlone(folder)).rejects.toThrow('the same folder');
  await (
    await holdAlone(join(folder, 'other'))
  )();
  await release();
  await (
    await holdAlone(folder)
  )();
});
