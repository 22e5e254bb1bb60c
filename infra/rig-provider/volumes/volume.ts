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
import type { UserErrorParts } from '../../errors.ts';
import { must } from '../exec.ts';
import { removeHost } from '../host-life.ts';
import { hasPower } from '../host-process.ts';
import { hostRecords } from '../host-record.ts';
import { volumeFile } from '../names.ts';
import { loopOf, releaseLoops } from './loop.ts';
import { isUsed, markUnused, markUsed, unknownToState } from './use.ts';

const bytesPerGiB = 1024 ** 3;

/** A sparse file, with an empty ext4 unless it is to have no format; complete or absent, never half made. */
export async function makeVolume(
  stack: string,
  name: string,
  sizeGiB: number,
  format?: 'none',
): Promise<void> {
  const file = volumeFile(stack, name);
  const fresh = `${file}.new`;
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(fresh, '', { mode: 0o600 });
  truncateSync(fresh, bytesOf(sizeGiB));
  if (format !== 'none') await makeExt4(fresh, name);
  markUnused(stack, name);
  renameSync(fresh, file);
}

async function makeExt4(file: string, name: string): Promise<void> {
  // The file is all zeros already, so nothing needs to be initialised or discarded.
  const options = 'lazy_itable_init=1,lazy_journal_init=1,nodiscard';
  await must(['mkfs.ext4', '-q', '-F', '-m', '0', '-E', options, '-L', name.slice(0, 16), file]);
}

/**
 * A new volume. One that a create made before it was cut off is nobody's and may be taken over: no
 * host has had it.
 * @throws when there is one with data: it belongs to an environment that this state does not know.
 */
export async function createVolume(
  stack: string,
  name: string,
  sizeGiB: number,
  format?: 'none',
): Promise<void> {
  if (isUsed(stack, name)) throw unknownToState(stack, `volume ${name}`);
  if (compareSize(stack, name, sizeGiB) !== 0) await makeVolume(stack, name, sizeGiB, format);
}

/** Size in GiB; undefined when there is no such volume. */
export function volumeSize(stack: string, name: string): number | undefined {
  const file = volumeFile(stack, name);
  return existsSync(file) ? statSync(file).size / bytesPerGiB : undefined;
}

/** Whole MiB: file systems and loop devices know no parts of a block. */
const bytesOf = (sizeGiB: number): number => Math.round(sizeGiB * 1024) * 1024 ** 2;

/** Below zero when the volume is smaller than that, above when it is larger; a half grown one is smaller. */
export function compareSize(stack: string, name: string, sizeGiB: number): number {
  const file = volumeFile(stack, name);
  const found = volumeSize(stack, name) ?? 0;
  const difference = bytesOf(found) - bytesOf(sizeGiB);
  return difference === 0 && existsSync(growthOf(file)) ? -1 : difference;
}

/** Stands beside the file while its file system is smaller than the file. */
const growthOf = (file: string): string => `${file}.growing`;

/** Makes a volume that no host has mounted larger; its data stays. */
export async function growVolume(stack: string, name: string, sizeGiB: number): Promise<void> {
  const file = volumeFile(stack, name);
  await must(['e2fsck', '-f', '-p', file], { timeoutMs: 120_000 });
  writeFileSync(growthOf(file), '', { mode: 0o600 });
  truncateSync(file, bytesOf(sizeGiB));
  await must(['resize2fs', file], { timeoutMs: 120_000 });
  rmSync(growthOf(file), { force: true });
}

/** Whether a running host has it: a container by a loop device, a machine as it is. */
const isHeld = (stack: string, name: string): boolean =>
  loopOf(volumeFile(stack, name)) !== undefined ||
  hostRecords(stack).some(
    (host) => host.volumes.some((volume) => volume.name === name) && hasPower(host),
  );

/** Why the volume cannot become that large now; undefined when it can. */
export function whyNotResize(
  stack: string,
  name: string,
  sizeGiB: number,
  format?: 'none',
): UserErrorParts | undefined {
  const found = volumeSize(stack, name);
  if (found === undefined) return undefined;
  const difference = compareSize(stack, name, sizeGiB);
  const value = `${sizeGiB} GiB`;
  if (difference > 0) {
    return {
      what: `volume ${name} of ${stack} cannot shrink`,
      value,
      allowed: `${found} GiB or more`,
      fix: 'restore the size in the config, or take the environment down and up again',
    };
  }
  if (difference < 0 && format === 'none') {
    return {
      what: `volume ${name} of ${stack} keeps its size: what lies below DRBD is as large on both hosts`,
      value,
      allowed: `${found} GiB`,
      fix: 'restore the size in the config, or take the environment down and up again',
    };
  }
  // Growing under a mount takes a right (CAP_SYS_RESOURCE) that root does not have everywhere.
  if (difference < 0 && isHeld(stack, name)) {
    return {
      what: `volume ${name} of ${stack} cannot grow while its host runs`,
      value,
      allowed: `${found} GiB`,
      fix: 'stop the hosts whose volumes are to grow (systemctl poweroff in each), then run up again: volumes grow and the hosts start',
    };
  }
  return undefined;
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
  rmSync(growthOf(file), { force: true });
  // Takes its mark away too.
  markUsed(stack, name);
}
