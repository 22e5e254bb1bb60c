import { chmodSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type HostRecord, readHostRecord, writeHostRecord } from './host-record.ts';
import { hostDisks, machineId } from './names.ts';
import { type HostRuntime, runtimeOf } from './runtime.ts';
import { unknownToState } from './volumes/use.ts';

type HostRef = Pick<HostRecord, 'stack' | 'name'>;
type Secrets = Readonly<Record<string, string>>;
type DiskFiles = Readonly<Record<string, string>>;

/** The runtime that the host's record names; containers are what a host without record can be. */
export const runtimeFor = (host: HostRef): HostRuntime =>
  runtimeOf(readHostRecord(host.stack, host.name)?.kind ?? 'container');

/**
 * What the rig puts on a host's disk before its first boot: its name, an identity, and that its
 * network is set up from outside.
 */
function diskFiles(host: HostRecord): DiskFiles {
  return {
    'etc/hostname': `${host.name}\n`,
    // With an id in place systemd does not take the boot for the first one and enable all presets.
    'etc/machine-id': `${machineId(host.stack, host.name)}\n`,
    // Its seed is a folder: no disk of this machine, whose devices the host sees, is asked for one.
    'etc/cloud/cloud.cfg.d/99-rig.cfg':
      'network: {config: disabled}\ndatasource_list: [NoCloud]\ndatasource: {NoCloud: {fs_label: null}}\n',
  };
}

/** The host's own empty disk over its image, and its seed for cloud-init. */
function makeDisks(host: HostRecord, userData: string | Buffer, files: DiskFiles): void {
  const disks = hostDisks(host.stack, host.name);
  for (const folder of ['upper', 'work', 'seed']) {
    mkdirSync(join(disks, folder), { recursive: true, mode: 0o700 });
  }
  const upper = join(disks, 'upper');
  chmodSync(upper, 0o755);
  for (const [path, content] of Object.entries({ ...diskFiles(host), ...files })) {
    const folders = dirname(path).split('/');
    // Folders on the upper disk lend their mode to the merged view, whatever our umask is.
    folders.forEach((_, i) => {
      const folder = join(upper, ...folders.slice(0, i + 1));
      mkdirSync(folder, { recursive: true });
      chmodSync(folder, 0o755);
    });
    writeFileSync(join(upper, path), content);
    chmodSync(join(upper, path), path === 'etc/machine-id' ? 0o444 : 0o644);
  }
  writeSeed(host, userData);
}

/** Seed of cloud-init's NoCloud source. The instance id is the host's life: one boot, one run. */
export function writeSeed(host: HostRecord, userData: string | Buffer): void {
  const seed = join(hostDisks(host.stack, host.name), 'seed');
  const files = {
    'user-data': userData,
    'meta-data': `instance-id: ${host.id}\nlocal-hostname: ${host.fqdn}\n`,
  };
  for (const [name, content] of Object.entries(files)) {
    const fresh = join(seed, `.${name}`);
    writeFileSync(fresh, content, { mode: 0o600 });
    renameSync(fresh, join(seed, name));
  }
}

/** @param files further files of its disk, by path without the leading slash; they win over the rig's */
export async function createHost(
  host: HostRecord,
  userData: string | Buffer,
  secrets: Secrets,
  files: DiskFiles = {},
): Promise<void> {
  const before = readHostRecord(host.stack, host.name);
  // What a killed `up` made last is made anew; what another state knows is not ours to end.
  if (before?.known === true && before.id !== host.id) {
    throw unknownToState(host.stack, `host ${host.name}`);
  }
  await removeHost(host);
  makeDisks(host, userData, files);
  // The record comes last: disks without one are of a create that was cut off.
  writeHostRecord(host);
  await runtimeOf(host.kind).start(host, secrets);
}

export async function startHost(host: HostRecord, secrets: Secrets): Promise<void> {
  await runtimeOf(host.kind).start(host, secrets);
}

export async function stopHost(host: HostRef): Promise<void> {
  await runtimeFor(host).stop(host);
}

export async function removeHost(host: HostRef): Promise<void> {
  await stopHost(host);
  const disks = hostDisks(host.stack, host.name);
  if (existsSync(disks)) rmSync(disks, { recursive: true, force: true });
}
