import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/**
 * Proportional memory (PSS) of processes in bytes: shared pages count once in the sum, so that
 * five hosts on one image are not charged five times for it. Processes that end meanwhile count 0.
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

/** Every process in a control group and the groups below it. */
export async function processesBelow(group: string): Promise<number[]> {
  const own = await readFile(join(group, 'cgroup.procs'), 'utf8').catch(() => '');
  const pids = own.split('\n').filter(Boolean).map(Number);
  const entries = await readdir(group, { withFileTypes: true }).catch(() => []);
  const below = await Promise.all(
    entries
      .filter((entry) => entry.isDirectory())
      .map(async (entry) => processesBelow(join(group, entry.name))),
  );
  return [...pids, ...below.flat()];
}

/** The largest of samples taken every `intervalMs` while the work runs. */
export async function peakDuring<T>(
  sample: () => Promise<number>,
  work: () => Promise<T>,
  intervalMs = 500,
): Promise<{ peak: number; value: T }> {
  let peak = 0;
  const stop = new AbortController();
  const watch = (async () => {
    while (!stop.signal.aborted) {
      peak = Math.max(peak, await sample());
      await pause(intervalMs, undefined, { signal: stop.signal }).catch(() => undefined);
    }
  })();
  try {
    const value = await work();
    return { peak: Math.max(peak, await sample()), value };
  } finally {
    stop.abort();
    await watch;
  }
}
