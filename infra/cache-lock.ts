import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { cacheDir } from './paths.ts';

/** Longest that one piece of the cache may take to be made by somebody else. */
const deadlineSeconds = 1800;

/**
 * Runs `work` while no other process of this machine makes the same piece of the cache. The kernel
 * holds the lock (flock), so that it ends with this process however that ends.
 * @param name of the piece, e.g. `pulumi`; `onWait` is told when somebody else is at it.
 */
export async function withCacheLock<T>(
  name: string,
  onWait: () => void,
  work: () => Promise<T>,
): Promise<T> {
  await mkdir(cacheDir, { recursive: true });
  const file = join(cacheDir, `.lock-${name}`);
  const script = `flock -n 9 || { echo wait; flock -w ${deadlineSeconds} 9 || exit 75; }; echo held; cat`;
  const holder = spawn('sh', ['-c', `exec 9>"$1"; ${script}`, 'sh', file], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  holder.stdin.on('error', () => undefined);
  await new Promise<void>((resolve, reject) => {
    holder.stdout.on('data', (chunk: Buffer) => {
      const text = chunk.toString();
      if (text.includes('wait')) onWait();
      if (text.includes('held')) resolve();
    });
    holder.on('error', reject);
    holder.on('close', (code) => {
      const why = code === 75 ? `still held after ${deadlineSeconds} s` : `exit ${String(code)}`;
      reject(new Error(`cannot lock ${file}: ${why}; find its holder with: fuser ${file}`));
    });
  });
  try {
    return await work();
  } finally {
    // End of input ends the holder, and with it the lock.
    holder.stdin.end();
  }
}
