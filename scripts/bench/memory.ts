import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

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
