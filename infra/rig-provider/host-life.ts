import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type HostRecord, readHostRecord, writeHostRecord } from './host-record.ts';
import { hostDisks } from './names.ts';
import { type DiskFiles, type HostRuntime, runtimeOf } from './runtime.ts';
import { unknownToState } from './volumes/use.ts';

type HostRef = Pick<HostRecord, 'stack' | 'name'>;
type Secrets = Readonly<Record<string, string>>;

/** The runtime that the host's record names; containers are what a host without record can be. */
export const runtimeFor = (host: HostRef): HostRuntime =>
  runtimeOf(readHostRecord(host.stack, host.name)?.kind ?? 'container');

/** Seed of cloud-init's NoCloud source. The instance id is the host's life: one boot, one run. */
export function writeSeed(host: HostRecord, userData: string | Buffer): void {
  const seed = join(hostDisks(host.stack, host.name), 'seed');
  mkdirSync(seed, { recursive: true, mode: 0o700 });
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
  writeSeed(host, userData);
  await runtimeOf(host.kind).prepare(host, files);
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
