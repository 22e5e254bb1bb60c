/** Where built images are kept, and whether one there can be trusted. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { cacheDir } from '../../paths.ts';
import type { ImageSpec } from './catalogue.ts';
import { imageFormat, imageHash, treeFingerprint } from './hash.ts';
import type { TreeFingerprint } from './hash.ts';

export const imagesDir = join(cacheDir, 'images');

export interface BuiltImage {
  readonly hash: string;
  /** Folder that hosts lay their own disk over; never written to. Of machines one that holds a disk. */
  readonly rootfs: string;
}

/** What an image's folder holds for hosts. */
export const rootOf = (spec: ImageSpec, dir: string): string =>
  join(dir, spec.machine === true ? 'machine' : 'rootfs');

/** `manifest.json` beside the root file system, written last. */
export interface ImageManifest {
  readonly format: number;
  readonly release: string;
  readonly hash: string;
  /** ISO 8601. */
  readonly builtAt: string;
  readonly tree: TreeFingerprint;
  /** Versions by package name, of all packages. */
  readonly packages: Readonly<Record<string, string>>;
}

/** `missing`, `good`, or what is wrong with it. */
export type ImageState =
  | { readonly state: 'missing' }
  | { readonly state: 'good'; readonly image: BuiltImage }
  | { readonly state: 'corrupt'; readonly why: string };

export const imageDir = (spec: ImageSpec, hash = imageHash(spec)): string =>
  join(imagesDir, `${spec.name}-${hash}`);

/**
 * Looks at an image in the cache. A `quick` look takes the manifest's word for the tree and checks
 * a handful of files; a `full` one stats every entry.
 */
export function inspectImage(spec: ImageSpec, depth: 'quick' | 'full'): ImageState {
  const hash = imageHash(spec);
  const dir = imageDir(spec, hash);
  if (!existsSync(dir)) return { state: 'missing' };
  const rootfs = rootOf(spec, dir);
  try {
    const manifest = readManifest(dir);
    if (manifest.hash !== hash || manifest.format !== imageFormat) {
      return { state: 'corrupt', why: 'its manifest is of another image' };
    }
    for (const file of landmarksOf(spec)) statSync(join(rootfs, file));
    if (depth === 'full') {
      const found = treeFingerprint(rootfs);
      const { tree } = manifest;
      if (found.sha256 !== tree.sha256) {
        return { state: 'corrupt', why: difference(found, tree) };
      }
    }
  } catch (error) {
    return { state: 'corrupt', why: error instanceof Error ? error.message : String(error) };
  }
  return { state: 'good', image: { hash, rootfs } };
}

/** Without these no host boots; a cache that was half removed lacks some. */
const landmarksOf = ({ machine }: ImageSpec): readonly string[] =>
  machine === true
    ? Object.values(machineParts)
    : ['usr/lib/systemd/systemd', 'usr/bin/cloud-init', 'etc/machine-id', 'var/lib/dpkg/status'];

/** Files of an image of machines. */
export const machineParts = {
  /** qcow2 with one ext4 over all of it. */
  disk: 'disk.qcow2',
  kernel: 'kernel',
  initrd: 'initrd',
  /** With these the rig gets onto a machine of it. */
  key: 'key',
  knownHosts: 'known-hosts',
} as const;

function difference(found: TreeFingerprint, wanted: TreeFingerprint): string {
  if (found.entries === wanted.entries && found.bytes === wanted.bytes) return 'files were changed';
  const size = ({ entries, bytes }: TreeFingerprint): string =>
    `${entries} entries, ${bytes} bytes`;
  return `it holds ${size(found)}; ${size(wanted)} were built`;
}

const readManifest = (dir: string): ImageManifest =>
  JSON.parse(readFileSync(join(dir, 'manifest.json'), 'utf8')) as ImageManifest;

/** What a folder of the store says of itself; undefined when it does not. */
export function manifestOf(dir: string): ImageManifest | undefined {
  try {
    return readManifest(dir);
  } catch {
    // Half made or damaged.
    return undefined;
  }
}

/** Folders in the store but those named: older images, and leftovers. */
export function otherFolders(except: readonly string[]): string[] {
  if (!existsSync(imagesDir)) return [];
  return readdirSync(imagesDir)
    .map((name) => join(imagesDir, name))
    .filter((dir) => !except.includes(dir));
}
