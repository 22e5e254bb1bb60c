import { waitFor } from '../wait.ts';
import type { Channel } from './channel.ts';
import { runOrFail } from './run-or-fail.ts';

/** GiB of the volumes of a host, by the folder that each is mounted on. */
export type VolumeSizes = Readonly<Record<string, number>>;

/** EC2 says that a volume is larger seconds before its instance sees it. */
const seenDeadlineMs = 120_000;
/** ext4 grows while it is in use; a large one writes a group table a second or so. */
const growTimeoutMs = 300_000;
const bytesPerGiB = 1024 ** 3;

/**
 * Has the file systems of a host that runs fill their volumes, which may be in use. One that does not run
 * does so when it boots. Can be repeated.
 * @returns whether the host was there to do it
 * @throws when a volume stays smaller than it should be, or its file system cannot grow
 */
export async function growFileSystems(
  channel: Channel,
  host: string,
  sizes: VolumeSizes,
  deadlineMs = seenDeadlineMs,
): Promise<boolean> {
  const live = (await channel.hosts()).find(({ name }) => name === host);
  if (live?.state !== 'running') return false;
  for (const [mount, sizeGiB] of Object.entries(sizes)) {
    const device = await waitFor(
      async () => {
        const source = await read(channel, host, [
          'findmnt',
          '-no',
          'SOURCE',
          '--mountpoint',
          mount,
        ]);
        const bytes = Number(await read(channel, host, ['blockdev', '--getsize64', source]));
        return bytes >= sizeGiB * bytesPerGiB
          ? { done: true, value: source }
          : { seen: `${source} has ${bytes} bytes` };
      },
      {
        subject: `the volume at ${mount} of ${host} to have ${sizeGiB} GiB`,
        deadlineMs,
        intervalMs: 1_000,
      },
    );
    await runOrFail(channel, host, ['resize2fs', device], growTimeoutMs);
  }
  return true;
}

async function read(channel: Channel, host: string, argv: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await channel.run(host, argv);
  if (code === 0) return stdout.trim();
  throw new Error(`${argv[0] ?? ''} on ${host} ended with ${code}: ${stderr.trim().slice(-300)}`);
}
