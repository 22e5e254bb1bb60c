import { cpSync, existsSync, globSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

import { UserError } from '../../errors.ts';
import { longCommand } from '../../long-command.ts';
import type { ImageSpec } from './catalogue.ts';
import { imageFormat, imageHash, treeFingerprint } from './hash.ts';
import { makeMachineDisk } from './machine-disk.ts';
import { mirrorFor } from './mirror.ts';
import { imageDir, imagesDir, rootOf } from './store.ts';
import type { BuiltImage, ImageManifest } from './store.ts';

const deadlineMs = 15 * 60_000;

/** Nobody reads them on a host; they would be a fifth of the image. */
const leftOut = ['doc/*', 'man/*', 'info/*', 'locale/*', 'i18n/locales/*', 'lintian/*', 'bug/*'];

/**
 * Builds an image beside its final place and moves it there when it is whole; the caller holds the
 * lock of the image. A damaged folder in that place is set aside first: hosts may still run on it.
 */
export async function buildImage(
  spec: ImageSpec,
  onProgress: (line: string) => void,
): Promise<BuiltImage> {
  const hash = imageHash(spec);
  const final = imageDir(spec, hash);
  const work = join(imagesDir, `.building-${spec.name}`);
  await rm(work, { recursive: true, force: true });
  await mkdir(work, { recursive: true });
  const rootfs = join(work, 'rootfs');
  await runMmdebstrap(spec, work, rootfs, onProgress);
  onProgress("leaving out what is a host's own");
  const customize = join(import.meta.dirname, 'customize.sh');
  await longCommand(['sh', customize, rootfs], { deadlineMs: 60_000 });
  if (spec.machine === true) {
    onProgress('making it a disk with a kernel');
    await makeMachineDisk(rootfs, rootOf(spec, work));
  }
  const manifest: ImageManifest = {
    format: imageFormat,
    release: spec.release,
    hash,
    builtAt: new Date().toISOString(),
    tree: treeFingerprint(rootOf(spec, work)),
    packages: installedPackages(await readFile(join(rootfs, 'var/lib/dpkg/status'), 'utf8')),
  };
  if (spec.machine === true) await rm(rootfs, { recursive: true });
  await rm(join(work, 'inputs'), { recursive: true });
  await writeFile(join(work, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  if (existsSync(final)) await rename(final, join(imagesDir, `.damaged-${hash}-${Date.now()}`));
  await rename(work, final);
  return { hash, rootfs: rootOf(spec, final) };
}

async function runMmdebstrap(
  spec: ImageSpec,
  work: string,
  rootfs: string,
  onProgress: (line: string) => void,
): Promise<void> {
  const keys = await gatherKeys();
  const argv = await mmdebstrapCommand(spec, join(work, 'inputs'), keys, rootfs);
  try {
    await longCommand(argv, {
      deadlineMs,
      onLine: (line) => {
        if (line.startsWith('I: ')) onProgress(line.slice(3));
      },
    });
  } catch (cause) {
    await rm(work, { recursive: true, force: true });
    throw new UserError({
      what: `the image ${spec.name} could not be built`,
      fix: "see the lines above; where a mirror is out of reach, check the machine's apt sources",
      cause,
    });
  } finally {
    await rm(keys, { recursive: true, force: true });
  }
}

/** Mirrors and settings go in as files: an address may hold a password, and arguments are public. */
async function mmdebstrapCommand(
  spec: ImageSpec,
  inputs: string,
  keys: string,
  rootfs: string,
): Promise<string[]> {
  await mkdir(inputs, { mode: 0o700 });
  const { sources, aptConf } = await mirrorFor(spec.release);
  // Its mounts are its own: of a build that is killed none is left in the way of the next one.
  const argv = ['unshare', '--mount', 'mmdebstrap', '--mode=root', '--variant=minbase'];
  argv.push('--format=directory');
  argv.push(`--include=${spec.packages.join(',')}`);
  argv.push(...leftOut.map((path) => `--dpkgopt=path-exclude=/usr/share/${path}`));
  argv.push('--dpkgopt=path-include=/usr/share/doc/*/copyright');
  if (aptConf !== '') {
    await writeFile(join(inputs, 'apt.conf'), aptConf, { mode: 0o600 });
    argv.push(`--aptopt=${join(inputs, 'apt.conf')}`);
  }
  if (sources === '') return [...argv, spec.release, rootfs];
  await writeFile(join(inputs, 'mirror.sources'), sources, { mode: 0o600 });
  argv.push(`--keyring=${keys}`);
  return [...argv, spec.release, rootfs, join(inputs, 'mirror.sources')];
}

/**
 * Keys that this machine trusts for Debian or for its own mirrors, in one folder. Not in the cache:
 * apt checks signatures as a user of its own, who may not enter the home folder of root.
 */
async function gatherKeys(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'rabbitmq-ha-kit-keys-'));
  await chmod(folder, 0o755);
  const places = ['/usr/share/keyrings/debian-archive-*', '/etc/apt/{trusted.gpg.d,keyrings}/*'];
  for (const key of globSync(places)) {
    if (/\.(gpg|asc)$/.test(key)) cpSync(key, join(folder, basename(key)), { dereference: true });
  }
  return folder;
}

/** Versions by name from dpkg's status file. */
export function installedPackages(status: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const stanza of status.split('\n\n')) {
    const name = /^Package: (.+)$/m.exec(stanza)?.[1];
    const version = /^Version: (.+)$/m.exec(stanza)?.[1];
    const installed = /^Status: install ok installed$/m.test(stanza);
    if (installed && name !== undefined && version !== undefined) found[name] = version;
  }
  return found;
}
