import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { disksDir, runDir } from '../paths.ts';
import { kitCgroup } from './cgroup.ts';
import { readJson, writeJson } from './json-file.ts';
import { hostDisks, stackDisks, stackOfNamespace } from './names.ts';
import { folders } from './network/records.ts';
import { absolutePath, ipv4, label, stackName } from './schemas.ts';

/** What a live host is made of; no secrets. Kept beside its disks and gone with them. */
export const hostFacts = z.object({
  stack: stackName,
  name: label,
  fqdn: z.string().min(1),
  kind: z.enum(['container', 'machine']),
  /** Path of the root file system that the host's own disk lies over; of a machine the folder of its image. */
  image: absolutePath,
  network: label,
  zone: z.string(),
  address: ipv4,
  prefixLength: z.int().min(1).max(32),
  gateway: ipv4,
  volumes: z.array(z.object({ name: label, mount: absolutePath.optional() })),
  memoryMiB: z.int().min(64),
  /** Processors of a machine; a container has those of this machine. */
  cpus: z.int().min(1).max(256).optional(),
  /** It may ask the stack's power service to take another host's power away. */
  fences: z.literal(true).optional(),
  labels: z.record(z.string(), z.string()),
});
export type HostFacts = z.infer<typeof hostFacts>;

export const hostRecord = hostFacts.extend({
  /** Pulumi id of this life of the host; a replaced host has another. */
  id: z.string(),
  /** Digest of the files it was first booted with; empty once any of them was changed in place. */
  bootedFiles: z.string(),
  /** Paths of files that were changed in place, and whose reaction has not succeeded yet. */
  unsettledFiles: z.array(z.string()).default([]),
  /** Whether the Pulumi state has been seen to know this life; one that a killed `up` made last is not. */
  known: z.boolean().default(true),
  /** It fetches its secrets itself, as in a cloud; the rig hands in those of all others. */
  fetchesSecrets: z.literal(true).optional(),
});
export type HostRecord = z.infer<typeof hostRecord>;

/** What a record holds beside the facts. */
export type HostLife = Omit<HostRecord, keyof HostFacts>;

const file = (stack: string, host: string): string => join(hostDisks(stack, host), 'host.json');

export const readHostRecord = (stack: string, host: string): HostRecord | undefined =>
  readJson(file(stack, host), hostRecord);

export const writeHostRecord = (record: HostRecord): void => {
  writeJson(file(record.stack, record.name), record);
};

/** Every host of the stack that has disks and a whole record, in the order of their names. */
export function hostRecords(stack: string): HostRecord[] {
  return folders(join(stackDisks(stack), 'hosts'))
    .sort()
    .map((host) => readHostRecord(stack, host))
    .filter((record) => record !== undefined);
}

/** Names of stacks that have anything on this machine: disks, records or control groups. */
export function liveStacks(): string[] {
  const namespaces = existsSync('/run/netns') ? readdirSync('/run/netns') : [];
  const fromNamespaces = namespaces.flatMap((name) => stackOfNamespace(name) ?? []);
  const found = [disksDir, runDir, kitCgroup()].flatMap(folders);
  return [...new Set([...found, ...fromNamespaces])].sort();
}
