/** Facts of this machine that set-up judges; reading them changes nothing. */
import { existsSync, mkdtempSync, readFileSync, rmSync, statfsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { $ } from 'zx/core';

/** Output is for us alone; an exit code other than 0 is a result. */
export const quietly = { quiet: true, nothrow: true, timeoutSignal: 'SIGKILL' } as const;

export interface OsRelease {
  /** e.g. `debian`. */
  readonly id: string;
  /** e.g. `12`. */
  readonly version: string;
  /** e.g. `bookworm`. */
  readonly codename: string;
  readonly prettyName: string;
}

/** Reads `/etc/os-release`'s syntax; what is not stated is empty. */
export function parseOsRelease(text: string): OsRelease {
  const field = (name: string): string =>
    new RegExp(`^${name}=(["']?)(.*)\\1$`, 'm').exec(text)?.[2] ?? '';
  return {
    id: field('ID'),
    version: field('VERSION_ID'),
    codename: field('VERSION_CODENAME'),
    prettyName: field('PRETTY_NAME'),
  };
}

export function readOsRelease(): OsRelease {
  const path = '/etc/os-release';
  return parseOsRelease(existsSync(path) ? readFileSync(path, 'utf8') : '');
}

/** The file system that a folder is on, or would be on once it is made. */
export interface FileSystem {
  /** The part of the path that exists. */
  readonly existing: string;
  /** Free for this user. */
  readonly freeBytes: number;
  readonly device: number;
}

export function fileSystemOf(folder: string): FileSystem {
  let existing = folder;
  while (!existsSync(existing)) existing = dirname(existing);
  const { bavail, bsize } = statfsSync(existing);
  return { existing, freeBytes: bavail * bsize, device: statSync(existing).dev };
}

/** `MemAvailable` of `/proc/meminfo`, in bytes. */
export function availableMemory(meminfo = readFileSync('/proc/meminfo', 'utf8')): number {
  return Number(/^MemAvailable:\s+(\d+) kB$/m.exec(meminfo)?.[1] ?? 0) * 1024;
}

/** Names among `wanted` that dpkg does not have installed. */
export async function missingPackages(wanted: readonly string[]): Promise<string[]> {
  const format = '${Package} ${db:Status-Status}\n';
  // dpkg-query fails for an unknown name, and is not there where there is no dpkg; the system's
  // own check tells of the latter.
  const { stdout } = await $({ ...quietly, timeout: '30s' })`dpkg-query -W -f ${format} ${wanted}`;
  const installed = new Set(stdout.split('\n').filter((line) => line.endsWith(' installed')));
  return wanted.filter((name) => !installed.has(`${name} installed`));
}

/** What the rig asks of the kernel, and how that shows in a message. */
export const abilities = {
  'network namespaces': 'true',
  bridges: 'ip link add kit-b type bridge',
  'veth pairs': 'ip link add kit-v type veth peer name kit-w',
  nftables: 'nft add table inet kit',
  'control groups v2': 'grep -q " cgroup2 " /proc/mounts',
  'loop devices': 'test -e /dev/loop-control',
  overlayfs: 'mount -t overlay overlay -o lowerdir=l,upperdir=u,workdir=w m',
} as const;
export type Ability = keyof typeof abilities;

/**
 * Tries every ability for real, inside namespaces that end with the trial; overlayfs on the file
 * system that hosts' disks will be on.
 * @returns what failed, each with the kernel's own words.
 */
export async function missingAbilities(disks: string): Promise<Map<Ability, string>> {
  const scratch = mkdtempSync(join(fileSystemOf(disks).existing, '.rabbitmq-ha-kit-probe-'));
  const trials = Object.entries(abilities).map(([name, command]) => {
    return `if why=$( { ${command}; } 2>&1 ); then echo "yes|${name}"; else echo "no|${name}|$why" | tr '\\n' ' '; echo; fi`;
  });
  const script = ['cd "$1"', 'mkdir l u w m', ...trials].join('\n');
  try {
    const { stdout, stderr } = await $({
      ...quietly,
      timeout: '15s',
    })`unshare --net --mount sh -c ${script} sh ${scratch}`;
    const failed = new Map<Ability, string>();
    for (const name of Object.keys(abilities) as Ability[]) {
      if (stdout.includes(`yes|${name}\n`)) continue;
      const line = stdout.split('\n').find((each) => each.startsWith(`no|${name}|`));
      failed.set(name, (line?.split('|')[2] ?? stderr).trim());
    }
    return failed;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
