import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { ImageSpec } from './catalogue.ts';

/** Raise it when `build.ts` makes something else of the same inputs. */
export const imageFormat = 1;

const here = import.meta.dirname;

/** Files that go into every image, relative to this folder. */
export const imageFiles = ['customize.sh', ...listFiles('overlay')];

/** Files that go into an image of machines beside these. */
const machineFiles = [
  'machine-disk.sh',
  'machine-disk.ts',
  'machine-init',
  ...listFiles('machine-overlay'),
];

/** Names an image: 12 hexadecimal digits over everything of the kit's that goes into it. */
export function imageHash(spec: ImageSpec): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([imageFormat, spec.release, spec.packages]));
  for (const file of spec.machine === true ? [...imageFiles, ...machineFiles] : imageFiles) {
    const content = readFileSync(join(here, file));
    hash.update(`\0${file}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex').slice(0, 12);
}

function listFiles(folder: string): string[] {
  return readdirSync(join(here, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(here.length + 1))
    .sort();
}

/** What a tree looks like from outside: cheap to take, and different after any damage but bit rot. */
export interface TreeFingerprint {
  readonly entries: number;
  readonly bytes: number;
  /** Over path, type, mode, owner, size and time of change of every entry. */
  readonly sha256: string;
}

/** @throws when the tree cannot be read. */
export function treeFingerprint(root: string): TreeFingerprint {
  const hash = createHash('sha256');
  let entries = 0;
  let bytes = 0;
  const visit = (folder: string): void => {
    let lines = '';
    const subfolders: string[] = [];
    for (const name of readdirSync(folder).sort()) {
      const path = `${folder}/${name}`;
      const stat = lstatSync(path);
      const isFolder = stat.isDirectory();
      const isFile = stat.isFile();
      entries += 1;
      if (isFile) bytes += stat.size;
      // A folder's size and time depend on the file system, and follow from what it holds.
      const content = isFolder ? '' : `${stat.size} ${Math.floor(stat.mtimeMs)}`;
      lines += `${name}\0${stat.mode} ${stat.uid} ${stat.gid} ${content}\n`;
      if (isFolder) subfolders.push(path);
    }
    hash.update(`${folder.slice(root.length)}\n${lines}`);
    for (const subfolder of subfolders) visit(subfolder);
  };
  visit(root);
  return { entries, bytes, sha256: hash.digest('hex') };
}
