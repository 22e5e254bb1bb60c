import {
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { UserError } from '../../errors.ts';
import { must } from '../exec.ts';
import { removeHost } from '../host-life.ts';
import { hostRecords } from '../host-record.ts';
import { volumeFile } from '../names.ts';
import { loopOf, releaseLoops } from './loop.ts';

const bytesPerGiB = 1024 ** 3;

/** A sparse file with an empty ext4; complete or absent, never half made. */
export async function makeVolume(stack: string, name: string, sizeGiB: number): Promise<void> {
  const file = volumeFile(stack, name);
  const fresh = `${file}.new`;
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(fresh, '', { mode: 0o600 });
  truncateSync(fresh, sizeGiB * bytesPerGiB);
  // The file is all zeros already, so nothing needs to be initialised or discarded.
  const options = 'lazy_itable_init=1,lazy_journal_init=1,nodiscard';
  await must(['mkfs.ext4', '-q', '-F', '-m', '0', '-E', options, '-L', name.slice(0, 16), fresh]);
  renameSync(fresh, file);
}

/** Size in GiB; undefined when there is no such volume. */
export function volumeSize(stack: string, name: string): number | undefined {
  const file = volumeFile(stack, name);
  return existsSync(file) ? statSync(file).size / bytesPerGiB : undefined;
}

/** Makes a volume that no host has mounted larger; its data stays. */
export async function growVolume(stack: string, name: string, sizeGiB: number): Promise<void> {
  const file = volumeFile(stack, name);
  if (loopOf(file) !== undefined) {
    throw new UserError({
      what: `volume ${name} of ${stack} cannot grow while its host runs`,
      value: `${sizeGiB} GiB`,
      fix: 'stop the host first (systemctl poweroff in it), then run up again: it grows and the host starts',
    });
  }
  await must(['e2fsck', '-f', '-p', file], { timeoutMs: 120_000 });
  truncateSync(file, sizeGiB * bytesPerGiB);
  await must(['resize2fs', file], { timeoutMs: 120_000 });
}

export async function removeVolume(stack: string, name: string): Promise<void> {
  // Hosts that the state knows depend on the volume and are gone by now: one that still holds it
  // was made by an `up` that was cut off before it could be written down.
  for (const host of hostRecords(stack)) {
    if (host.volumes.some((volume) => volume.name === name)) await removeHost(host);
  }
  const file = volumeFile(stack, name);
  await releaseLoops([file]);
  rmSync(file, { force: true });
  rmSync(`${file}.new`, { force: true });
}
