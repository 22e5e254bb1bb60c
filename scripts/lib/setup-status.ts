/** The pieces of set-up and their state, for people and for programs. */
import { existsSync, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { cacheDir } from '../../infra/paths.ts';
import { imageCatalogue } from '../../infra/rig-provider/images/index.ts';
import {
  imagesDir,
  inspectImage,
  manifestOf,
  otherFolders,
} from '../../infra/rig-provider/images/store.ts';
import { machinePackages } from './debian-packages.ts';
import { missingPackages, readOsRelease } from './machine.ts';
import { passphraseFile, passphraseState } from './passphrase.ts';
import { findPulumi } from './pulumi-cli.ts';

export interface Piece {
  readonly name: string;
  readonly state: 'good' | 'missing' | 'damaged';
  readonly detail: string;
}

export interface SetupStatus {
  readonly pieces: readonly Piece[];
  readonly cache: { readonly path: string; readonly bytes: number };
}

/** With `quick`, images are taken by their manifests' word: right after set-up has looked at them. */
export async function readStatus(depth: 'quick' | 'full'): Promise<SetupStatus> {
  const os = readOsRelease();
  const [lacking, pulumi] = await Promise.all([missingPackages(machinePackages(os)), findPulumi()]);
  const pieces: Piece[] = [
    { name: 'node', state: 'good', detail: `${process.version}, ${process.execPath}` },
    {
      name: 'debian-packages',
      state: lacking.length === 0 ? 'good' : 'missing',
      detail: lacking.length === 0 ? `on ${os.prettyName}` : lacking.join(' '),
    },
    pulumi === undefined
      ? { name: 'pulumi', state: 'missing', detail: '' }
      : { name: 'pulumi', state: 'good', detail: `${pulumi.version}, ${pulumi.dir}` },
    ...imagePieces(depth),
    passphrasePiece(),
  ];
  return { pieces, cache: { path: cacheDir, bytes: cacheSize() } };
}

function imagePieces(depth: 'quick' | 'full'): Piece[] {
  return Object.values(imageCatalogue).map((spec): Piece => {
    const name = `image-${spec.name}`;
    const found = inspectImage(spec, depth);
    if (found.state === 'good') return { name, state: 'good', detail: found.image.rootfs };
    if (found.state === 'missing')
      return { name, state: 'missing', detail: 'made for the first stack that boots it' };
    return { name, state: 'damaged', detail: `${found.why}; rebuilt by the next set-up` };
  });
}

function passphrasePiece(): Piece {
  const name = 'passphrase';
  const state = passphraseState();
  if (state === 'brought') return { name, state: 'good', detail: 'from the environment' };
  if (state === 'there') return { name, state: 'good', detail: passphraseFile };
  const lost = 'gone although stacks were made with it';
  return { name, state: 'missing', detail: state === 'lost' ? lost : '' };
}

/** An image's many files were counted when it was built; everything else is counted now, also its saved machines. */
function cacheSize(): number {
  const images = otherFolders([]);
  const known = images.map((dir) => {
    const bytes = manifestOf(dir)?.tree.bytes;
    return bytes === undefined ? folderSize(dir) : bytes + folderSize(join(dir, 'templates'));
  });
  return known.reduce((sum, bytes) => sum + bytes, folderSize(cacheDir, imagesDir));
}

/** Bytes on disk of everything below; a hard link counts each time. */
function folderSize(folder: string, except = ''): number {
  if (folder === except || !existsSync(folder)) return 0;
  let bytes = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    bytes += entry.isDirectory() ? folderSize(path, except) : lstatSync(path).blocks * 512;
  }
  return bytes;
}

export function statusText({ pieces, cache }: SetupStatus): string {
  const width = Math.max(...pieces.map(({ name }) => name.length));
  const lines = pieces.map(({ name, state, detail }) => {
    return `${name.padEnd(width)}  ${state.padEnd(7)}  ${detail}`.trimEnd();
  });
  const size = `${Math.round(cache.bytes / 1024 ** 2)} MiB in ${cache.path}`;
  return [...lines, `${'cache'.padEnd(width)}  ${size}`, ''].join('\n');
}
