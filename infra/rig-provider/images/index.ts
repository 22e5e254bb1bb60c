/** Base images of rig hosts: `ensureImage` makes one, `findImage` says whether it is there. */
import { existsSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename } from 'node:path';

import { withCacheLock } from '../../cache-lock.ts';
import { disksDir } from '../../paths.ts';
import { hostRecords, liveStacks } from '../host-record.ts';
import { buildImage } from './build.ts';
import { imageCatalogue, imageFor, type RigImageName } from './catalogue.ts';
import { imageDir, inspectImage, otherFolders } from './store.ts';
import type { BuiltImage } from './store.ts';

export { imageCatalogue, imageFor, type RigImageName } from './catalogue.ts';
export type { BuiltImage } from './store.ts';

/** The image in the cache if it is there and whole at a quick look (some 2 ms). */
export function findImage(name: RigImageName): BuiltImage | undefined {
  const found = inspectImage(imageFor(name), 'quick');
  return found.state === 'good' ? found.image : undefined;
}

/**
 * The image, built first when it is missing or damaged (every file is looked at unless
 * `depth` is quick: some 100 ms).
 * Several processes may ask at once.
 * @throws UserError when it cannot be built.
 */
export async function ensureImage(
  name: RigImageName,
  onProgress: (line: string) => void,
  depth: 'quick' | 'full' = 'full',
): Promise<BuiltImage> {
  const spec = imageFor(name);
  const before = inspectImage(spec, depth);
  if (before.state === 'good') return before.image;
  const waiting = (): void => {
    onProgress('another process is building it; waiting');
  };
  return withCacheLock(`image-${name}`, waiting, async () => {
    const now = inspectImage(spec, 'full');
    if (now.state === 'good') return now.image;
    if (now.state === 'corrupt') onProgress(`the cached image is damaged (${now.why}); rebuilding`);
    const image = await buildImage(spec, onProgress);
    await prune();
    return image;
  });
}

/**
 * Removes images that the kit of today makes no host from, and damaged ones that were set aside,
 * unless a host lives on them: a new one was just built, and each is some 500 MB.
 */
async function prune(): Promise<void> {
  const stacks = liveStacks().map(hostRecords);
  // Something lives whose hosts cannot be told, say with its disks elsewhere: all images stay.
  if (stacks.some((hosts) => hosts.length === 0)) return;
  const inUse = stacks.flat().map(({ image }) => image);
  const current = Object.values(imageCatalogue).map((spec) => imageDir(spec));
  for (const dir of prunable(otherFolders(current), inUse, rigHostsExist())) {
    await rm(dir, { recursive: true, force: true });
  }
}

/**
 * Pure: which of the folders can go. What was set aside as damaged lives on below hosts whose
 * records name its old place, and a folder whose name begins with a dot may be in the making.
 */
export function prunable(
  folders: readonly string[],
  inUse: readonly string[],
  hostsExist: boolean,
): string[] {
  return folders.filter((dir) => {
    const name = basename(dir);
    if (name.startsWith('.')) return name.startsWith('.damaged-') && !hostsExist;
    return !inUse.some((image) => image.startsWith(`${dir}/`));
  });
}

/** Some stack has disks here, and its hosts a base image under them. */
export function rigHostsExist(): boolean {
  return existsSync(disksDir) && readdirSync(disksDir).length > 0;
}
