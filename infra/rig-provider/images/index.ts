/** Base images of rig hosts: `ensureImage` makes one, `findImage` says whether it is there. */
import { existsSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';

import { withCacheLock } from '../../cache-lock.ts';
import { disksDir } from '../../paths.ts';
import type { Release } from '../../plan/model.ts';
import { buildImage } from './build.ts';
import { imageFor } from './catalogue.ts';
import { inspectImage, otherFolders } from './store.ts';
import type { BuiltImage } from './store.ts';

export { imageCatalogue, imageFor } from './catalogue.ts';
export type { BuiltImage } from './store.ts';

/** The image in the cache if it is there and whole at a quick look (some 2 ms). */
export function findImage(release: Release): BuiltImage | undefined {
  const found = inspectImage(imageFor(release), 'quick');
  return found.state === 'good' ? found.image : undefined;
}

/**
 * The image, built first when it is missing or damaged (every file is looked at unless
 * `depth` is quick: some 100 ms).
 * Several processes may ask at once.
 * @throws UserError when it cannot be built.
 */
export async function ensureImage(
  release: Release,
  onProgress: (line: string) => void,
  depth: 'quick' | 'full' = 'full',
): Promise<BuiltImage> {
  const spec = imageFor(release);
  const before = inspectImage(spec, depth);
  if (before.state === 'good') return before.image;
  const waiting = (): void => {
    onProgress('another process is building it; waiting');
  };
  return withCacheLock(`image-${release}`, waiting, async () => {
    const now = inspectImage(spec, 'full');
    if (now.state === 'good') return now.image;
    if (now.state === 'corrupt') onProgress(`the cached image is damaged (${now.why}); rebuilding`);
    const image = await buildImage(spec, onProgress);
    await sweep();
    return image;
  });
}

/** Removes damaged images that were set aside, once no host can be running on one. */
async function sweep(): Promise<void> {
  if (rigHostsExist()) return;
  for (const dir of otherFolders([])) {
    if (dir.includes('/.damaged-')) await rm(dir, { recursive: true, force: true });
  }
}

/** Some stack has disks here, and its hosts a base image under them. */
export function rigHostsExist(): boolean {
  return existsSync(disksDir) && readdirSync(disksDir).length > 0;
}
