/** Finds or makes the Pulumi CLI with its Node language host, one folder that holds both. */
import { accessSync, constants, statSync } from 'node:fs';
import { mkdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { $ } from 'zx/core';

import { withCacheLock } from '../../infra/cache-lock.ts';
import { messageOf, UserError } from '../../infra/errors.ts';
import { cacheDir, repositoryRoot } from '../../infra/paths.ts';
import { quietly } from './machine.ts';
import { buildWithGo } from './pulumi-cli-go.ts';
import { fetchFromVendor } from './pulumi-cli-vendor.ts';

/** The version that setup fetches or builds, and the oldest that it takes from PATH. */
export const pulumiVersion = '3.259.0';
export const pulumiTools = ['pulumi', 'pulumi-language-nodejs'] as const;

export interface PulumiCli {
  /** Folder of `pulumi` and `pulumi-language-nodejs`. */
  readonly dir: string;
  readonly version: string;
  readonly source: 'path' | 'vendor' | 'go';
  /** Why a better source was not used. */
  readonly note?: string;
}

export const pulumiCacheDir = join(cacheDir, 'tools', `pulumi-${pulumiVersion}`);

/** What a cached folder says of itself; sizes tell a damaged one. */
interface Manifest {
  readonly version: string;
  readonly source: 'vendor' | 'go';
  readonly note?: string;
  readonly sizes: Readonly<Record<string, number>>;
}

/** The CLI that would be used now; undefined when setup has to make one. */
export async function findPulumi(path = process.env['PATH'] ?? ''): Promise<PulumiCli | undefined> {
  return (await findOnPath(path)) ?? (await findCached());
}

/**
 * As {@link findPulumi}, and makes one when there is none: the vendor's, else built with Go.
 * @throws UserError when neither can be had, with both reasons.
 */
export async function ensurePulumi(say: (line: string) => void): Promise<PulumiCli> {
  const found = await findPulumi();
  if (found !== undefined) return found;
  const waiting = (): void => {
    say('another process is making it; waiting');
  };
  return withCacheLock('pulumi', waiting, async () => {
    return (await findCached()) ?? (await make(say));
  });
}

async function make(say: (line: string) => void): Promise<PulumiCli> {
  const building = `${pulumiCacheDir}.building`;
  await rm(building, { recursive: true, force: true });
  await mkdir(join(building, 'bin'), { recursive: true });
  let note: string | undefined;
  try {
    await fetchFromVendor(pulumiVersion, join(building, 'bin'), say);
  } catch (vendorProblem) {
    note = `vendor's binary not used: ${messageOf(vendorProblem)}`;
    say('the vendor is out of reach; building it with Go takes some minutes');
    await rm(join(building, 'bin'), { recursive: true, force: true });
    await mkdir(join(building, 'bin'));
    await buildWithGo(pulumiVersion, join(building, 'bin'), say).catch((goProblem: unknown) => {
      throw new UserError({
        what: `no Pulumi CLI could be had`,
        allowed: `pulumi >= ${pulumiVersion} with pulumi-language-nodejs beside it on PATH`,
        fix: 'install the Pulumi CLI, or give this machine a way to the vendor or to a Go module proxy, then run `npm run setup` again',
        cause: new Error(`${messageOf(goProblem)}\n${note ?? ''}`, { cause: goProblem }),
      });
    });
  }
  const sizes = Object.fromEntries(
    pulumiTools.map((tool) => [tool, statSync(join(building, 'bin', tool)).size]),
  );
  const source = note === undefined ? 'vendor' : 'go';
  const manifest: Manifest = {
    version: pulumiVersion,
    source,
    sizes,
    ...(note === undefined ? {} : { note }),
  };
  await writeFile(join(building, 'manifest.json'), JSON.stringify(manifest, null, 2));
  await rm(pulumiCacheDir, { recursive: true, force: true });
  await rename(building, pulumiCacheDir);
  const made = await findCached();
  if (made === undefined) throw new Error(`${pulumiCacheDir} was made and does not verify`);
  return made;
}

/** Looks at no more than names and sizes: this runs before every command. */
async function findCached(): Promise<PulumiCli | undefined> {
  try {
    const text = await readFile(join(pulumiCacheDir, 'manifest.json'), 'utf8');
    const { version, source, note, sizes } = JSON.parse(text) as Manifest;
    const dir = join(pulumiCacheDir, 'bin');
    const whole = pulumiTools.every((tool) => {
      return isExecutable(join(dir, tool)) && statSync(join(dir, tool)).size === sizes[tool];
    });
    if (!whole || version !== pulumiVersion) return undefined;
    return { dir, version, source, ...(note === undefined ? {} : { note }) };
  } catch {
    // Missing or unreadable: to be made again.
    return undefined;
  }
}

async function findOnPath(path: string): Promise<PulumiCli | undefined> {
  const own = [join(repositoryRoot, 'node_modules', '.bin'), join(pulumiCacheDir, 'bin')];
  for (const entry of path.split(delimiter)) {
    if (entry === '' || own.includes(entry) || !isExecutable(join(entry, 'pulumi'))) continue;
    // A package manager's link leads to the folder that holds the language host too.
    const target = join(await realpath(join(entry, 'pulumi')), '..');
    const dir = [entry, target].find((each) => {
      return pulumiTools.every((tool) => isExecutable(join(each, tool)));
    });
    const version = dir === undefined ? undefined : await versionOf(join(dir, 'pulumi'));
    if (dir !== undefined && version !== undefined && atLeast(version, pulumiVersion)) {
      return { dir, version, source: 'path' };
    }
  }
  return undefined;
}

async function versionOf(pulumi: string): Promise<string | undefined> {
  const env = { ...process.env, PULUMI_SKIP_UPDATE_CHECK: '1' };
  // One that does not run is not suitable.
  const { stdout } = await $({ ...quietly, timeout: '10s', env })`${pulumi} version`;
  return /^v?(\d+\.\d+\.\d+)/.exec(stdout.trim())?.[1];
}

/** Compares versions of the form `1.2.3` number by number. */
export function atLeast(version: string, least: string): boolean {
  const [have, want] = [version, least].map((text) => text.split('.').map(Number));
  for (const [index, wanted] of (want ?? []).entries()) {
    const difference = (have?.[index] ?? 0) - wanted;
    if (difference !== 0) return difference > 0;
  }
  return true;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
