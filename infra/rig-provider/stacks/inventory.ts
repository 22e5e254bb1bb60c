import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { disksDir, runDir } from '../../paths.ts';
import { isPopulated, kitCgroup, memberCgroup, stackCgroup } from '../cgroup.ts';
import { hostRecord } from '../host-record.ts';
import { readJson } from '../json-file.ts';
import { stackOfNamespace } from '../names.ts';
import { type Forward, folders, networkRecord } from '../network/records.ts';
import { isAlive } from '../process.ts';
import { leftovers, type StackFolders } from '../remains.ts';
import { loopDevices } from '../volumes/loop.ts';
import { usedVolumesIn } from '../volumes/use.ts';
import { type StackRecord, stackRecords } from './registry.ts';

/** What is on this machine under one stack's name, whoever made it. */
export interface FoundStack {
  readonly stack: string;
  /** Its entry of the registry; undefined for what no entry was made for. */
  readonly record: StackRecord | undefined;
  readonly folders: StackFolders;
  readonly topology: string | undefined;
  readonly hosts: readonly { readonly name: string; readonly running: boolean }[];
  /** Any process of it is alive. */
  readonly running: boolean;
  /** Loopback ports by access point; empty while its forwarder does not run. */
  readonly ports: Readonly<Record<string, number>>;
  /** Files of volumes that a host has had: they may hold messages. */
  readonly usedVolumes: readonly string[];
  /** Everything of it, one line each (see `leftovers`). */
  readonly pieces: readonly string[];
}

/** Every stack of which anything is on this machine, by name. */
export async function findStacks(): Promise<FoundStack[]> {
  const records = new Map(stackRecords().map((record) => [record.stack, record]));
  const names = new Set([...records.keys(), ...namesHere([...records.values()])]);
  const found = await Promise.all(
    [...names].sort().map((stack) => look(stack, records.get(stack))),
  );
  // An entry without a single piece is one of an `up` that was cut off at once, or begins right now.
  return found.filter(({ pieces, record }) => pieces.length > 0 || record !== undefined);
}

/** Names in folders, control groups, namespaces and loop devices. */
function namesHere(records: readonly StackRecord[]): string[] {
  const roots = new Set([disksDir, runDir, ...records.flatMap((r) => [r.disksDir, r.runDir])]);
  const namespaces = existsSync('/run/netns') ? readdirSync('/run/netns') : [];
  const backing = loopDevices().map(({ file }) => file);
  return [
    ...[...roots, kitCgroup()].flatMap(folders),
    ...namespaces.flatMap((name) => stackOfNamespace(name) ?? []),
    ...[...roots].flatMap((root) =>
      backing
        .filter((file) => file.startsWith(`${root}/`))
        .map((file) => file.slice(root.length + 1).split('/')[0] ?? ''),
    ),
  ];
}

/** Forwards of every stack whose forwarder runs. */
export function findForwards(): (Forward & { readonly stack: string })[] {
  const records = stackRecords();
  return [...new Set([...records.map(({ stack }) => stack), ...folders(runDir)])].flatMap(
    (stack) => {
      const run = records.find((record) => record.stack === stack)?.runDir ?? runDir;
      return forwardsIn(join(run, stack)).map((forward) => ({ ...forward, stack }));
    },
  );
}

function forwardsIn(run: string): readonly Forward[] {
  const network = readJson(join(run, 'network.json'), networkRecord);
  return isAlive(network?.forwarder) ? network.forwards : [];
}

async function look(stack: string, record: StackRecord | undefined): Promise<FoundStack> {
  const places = {
    disks: join(record?.disksDir ?? disksDir, stack),
    run: join(record?.runDir ?? runDir, stack),
  };
  const hosts = folders(join(places.disks, 'hosts'))
    .sort()
    .map((name) => ({
      name,
      running: isPopulated(memberCgroup(stack, name)),
      facts: readJson(join(places.disks, 'hosts', name, 'host.json'), hostRecord),
    }));
  const forwards = forwardsIn(places.run);
  return {
    stack,
    record,
    folders: places,
    topology: hosts.flatMap(({ facts }) => facts?.labels['topology'] ?? [])[0],
    hosts: hosts.map(({ name, running }) => ({ name, running })),
    running: isPopulated(stackCgroup(stack)),
    ports: Object.fromEntries(forwards.map(({ name, localPort }) => [name, localPort])),
    usedVolumes: usedVolumesIn(join(places.disks, 'volumes')),
    pieces: await leftovers(stack, places),
  };
}
