import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { processesBelow, stackCgroup } from '../cgroup.ts';

/**
 * Proportional memory (PSS) of processes in bytes: shared pages count once in the sum, so that
 * hosts on one image are not charged for it each. Processes that end meanwhile count 0.
 */
export async function proportionalMemory(pids: readonly number[]): Promise<number> {
  const sizes = await Promise.all(pids.map(processMemory));
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function processMemory(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
  const kilobytes = /^Pss:\s+(\d+) kB$/m.exec(text)?.[1];
  return kilobytes === undefined ? 0 : Number(kilobytes) * 1024;
}

/** Memory of all processes of the stack, its forwarder included, in bytes. */
export const stackMemory = (stack: string): Promise<number> =>
  proportionalMemory(processesBelow(stackCgroup(stack)));

/** Blocks that a folder and all below it take on the disk, in bytes; what goes meanwhile counts 0. */
export async function diskUsage(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const sizes = await Promise.all(
    entries.map(async (entry) => {
      const path = join(folder, entry.name);
      const own = await lstat(path).then(
        ({ blocks }) => blocks * 512,
        () => 0,
      );
      return own + (entry.isDirectory() ? await diskUsage(path) : 0);
    }),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
