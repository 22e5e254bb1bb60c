import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { doneWhen, waitFor } from '../../wait.ts';

/** Loop devices of this machine with the file behind each. */
export function loopDevices(): { device: string; file: string }[] {
  return readdirSync('/sys/block')
    .filter((name) => name.startsWith('loop'))
    .flatMap((name) => {
      const backing = join('/sys/block', name, 'loop', 'backing_file');
      if (!existsSync(backing)) return [];
      try {
        const file = readFileSync(backing, 'utf8')
          .trim()
          .replace(/ \(deleted\)$/, '');
        return [{ device: join('/dev', name), file }];
      } catch {
        // It was freed while we looked.
        return [];
      }
    });
}

export const loopOf = (file: string): string | undefined =>
  loopDevices().find((loop) => loop.file === file)?.device;

/**
 * Waits until no loop device holds the files: the kernel frees those of a dead host in its own
 * time, and two devices on one file would destroy it.
 */
export async function releaseLoops(files: readonly string[]): Promise<void> {
  await waitFor(
    () => {
      const held = files.flatMap((file) => loopOf(file) ?? []);
      return doneWhen(held.length === 0, held.join(' '));
    },
    {
      subject: `loop devices of ${files.join(' ')} to be free`,
      deadlineMs: 15_000,
      intervalMs: 20,
    },
  );
}
