import { readdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../../errors.ts';
import { disksDir, registryDir, runDir, stateDir } from '../../paths.ts';
import { isPopulated, stackCgroup } from '../cgroup.ts';
import { readJson, removeFile, writeJson } from '../json-file.ts';
import { stackName } from '../schemas.ts';
import { namespacesOf } from '../network/namespace.ts';

/**
 * Which state a stack on this machine belongs to. Names of namespaces and control groups are the
 * machine's, whatever folders a user has chosen: so the registry is one for the whole machine. An
 * entry is there before the first piece of its stack and goes after the last one.
 */
export const stackRecord = z.object({
  stack: stackName,
  /** Address of the Pulumi backend that knows it, without what may be a password. */
  backend: z.string().optional(),
  stateDir: z.string(),
  disksDir: z.string(),
  runDir: z.string(),
  /** ISO 8601: when its first piece was made. */
  since: z.string(),
});
export type StackRecord = z.infer<typeof stackRecord>;

const fileOf = (stack: string): string => join(registryDir, `${stack}.json`);

export const readStackRecord = (stack: string): StackRecord | undefined =>
  readJson(fileOf(stack), stackRecord);

/** Every entry of this machine, by name. */
export function stackRecords(): StackRecord[] {
  try {
    return readdirSync(registryDir)
      .filter((name) => name.endsWith('.json'))
      .sort()
      .map((name) => readStackRecord(name.slice(0, -'.json'.length)))
      .filter((record) => record !== undefined);
  } catch {
    // Nothing was ever made here.
    return [];
  }
}

/** Told by a command of the kit that serves the provider itself; a plugin has its engine's word. */
let backendOfCommand: string | undefined;

/** Says which backend knows the stacks that this process makes from now on. */
export function useBackend(url: string): void {
  backendOfCommand = url;
}

/** What this process would make stacks with; a backend that only Pulumi's own login knows stays out. */
function ownPlaces(): Omit<StackRecord, 'stack' | 'since'> {
  const backend = backendOfCommand ?? process.env['PULUMI_BACKEND_URL'];
  const known = backend === undefined ? {} : { backend: withoutPassword(backend) };
  return { ...known, stateDir, disksDir, runDir };
}

const withoutPassword = (url: string): string => url.replace(/(?<=:\/\/)[^/@]*@/, '');

/**
 * Enters the stack before anything of it is made; an entry of the same stack is brought up to date.
 * @throws UserError when the name is that of a stack with other folders, of which something is here.
 */
export function claimStack(stack: string): void {
  refuseTakenName(stack);
  const before = readStackRecord(stack);
  const now = { stack, ...ownPlaces(), since: before?.since ?? new Date().toISOString() };
  if (JSON.stringify(before) !== JSON.stringify(stackRecord.parse(now))) {
    writeJson(fileOf(stack), now);
  }
}

/** Entry of a stack of that name with other folders, of which something is on this machine. */
export function ownerElsewhere(stack: string): StackRecord | undefined {
  const record = readStackRecord(stack);
  if (record === undefined) return undefined;
  if (record.disksDir === disksDir && record.runDir === runDir) return undefined;
  const isHere = isPopulated(stackCgroup(stack)) || namespacesOf(stack).length > 0;
  return isHere ? record : undefined;
}

/** @throws UserError when a stack of that name, with other folders, is on this machine. */
export function refuseTakenName(stack: string): void {
  const record = ownerElsewhere(stack);
  if (record === undefined) return;
  throw new UserError({
    what: `another stack ${stack} is on this machine: its names would be the same`,
    value: `state folder ${record.stateDir}, disks in ${record.disksDir}, since ${record.since}`,
    fix: 'choose another stack name, or take that one down with the state that made it (RABBITMQ_HA_KIT_STATE); npm run rig -- list shows all',
  });
}

/** After the last piece of the stack. */
export function forgetStackRecord(stack: string): void {
  removeFile(fileOf(stack));
  try {
    rmdirSync(registryDir);
  } catch {
    // Others are in it, or it was never made.
  }
}
