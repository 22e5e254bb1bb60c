/** What an environment asks of this machine, judged before anything changes. */
import { totalmem } from 'node:os';
import { $ } from 'zx/core';

import type { UserErrorParts } from '../../infra/errors.ts';
import type { EnvironmentPlan } from '../../infra/plan/model.ts';
import { hostKinds } from '../../infra/rig/host-kinds.ts';
import { hostRecords } from '../../infra/rig-provider/host-record.ts';
import { runtimeOf } from '../../infra/rig-provider/runtime.ts';
import { quietly } from './machine.ts';
import { requireNoProblems } from './preflight.ts';

/** A host as planned, or as it runs. */
export interface HostDemand {
  readonly name: string;
  readonly memoryMiB: number;
  /** One with a kernel of its own. */
  readonly machine?: boolean;
}

export interface Capacity {
  readonly planned: readonly HostDemand[];
  /** Hosts of the stack that run, those of another topology too: in a swap both are there. */
  readonly running: readonly HostDemand[];
  readonly machineMiB: number;
  /** How many more inotify instances could be made; at most as many as were asked for. */
  readonly freeInotify: number | undefined;
}

/**
 * Measured on hosts of the rig with systemd 257: five that systemd keeps, one more while it boots, and
 * one for `logs --follow`.
 */
export const inotifyPerHost = 7;

/** @throws PreflightError when the machine cannot hold what is planned. */
export async function requireCapacity(plan: EnvironmentPlan): Promise<void> {
  // Without root nothing else matters: set-up says so.
  if (process.getuid?.() !== 0) return;
  const kinds = hostKinds(plan);
  const running = hostRecords(plan.stack).filter(
    (host) => runtimeOf(host.kind).state(host) === 'running',
  );
  const facts = {
    planned: plan.hosts.map((host) => ({ ...host, machine: kinds.get(host.name) === 'machine' })),
    running,
    machineMiB: machineMemory(),
    freeInotify: undefined,
  };
  const need = inotifyNeed(facts);
  const freeInotify = need === 0 ? undefined : await inotifyInstances(need);
  requireNoProblems(judgeCapacity({ ...facts, freeInotify }));
}

/** Every problem. Pure. */
export function judgeCapacity(facts: Capacity): UserErrorParts[] {
  return [...judgeMemory(facts), ...judgeInotify(facts)];
}

export function inotifyNeed({ planned, running }: Pick<Capacity, 'planned' | 'running'>): number {
  const names = new Set(running.map(({ name }) => name));
  const starting = planned.filter(({ name, machine }) => machine !== true && !names.has(name));
  return starting.length * inotifyPerHost;
}

function judgeMemory({ planned, running, machineMiB }: Capacity): UserErrorParts[] {
  const names = new Set(planned.map(({ name }) => name));
  const hosts = [...planned, ...running.filter(({ name }) => !names.has(name))];
  const wanted = hosts.reduce((sum, { memoryMiB }) => sum + memoryMiB, 0);
  if (wanted <= machineMiB) return [];
  return [
    {
      what: `the ${hosts.length} hosts may use more memory than this machine has`,
      value: `${inGib(wanted)}: ${hosts.map((host) => `${host.name} ${inGib(host.memoryMiB)}`).join(', ')}`,
      allowed: `at most ${inGib(machineMiB)}`,
      fix: 'lower brokers.memory, or use a larger machine',
    },
  ];
}

function judgeInotify(facts: Capacity): UserErrorParts[] {
  const need = inotifyNeed(facts);
  const { freeInotify } = facts;
  if (freeInotify === undefined || freeInotify >= need) return [];
  return [
    {
      what: 'the kernel has too few inotify instances left for the hosts that are to start',
      value: `${freeInotify} free`,
      allowed: `at least ${need}, ${inotifyPerHost} a host`,
      fix: 'sysctl fs.inotify.max_user_instances=1024, or take other environments down',
    },
  ];
}

/** Numbers of the system calls inotify_init1 by processor; others are not tried. */
const inotifyInit: Readonly<Record<string, number>> = { x64: 294, arm64: 26 };

/**
 * Makes so many for a moment: who else uses them cannot be counted from inside a container.
 * @returns how many there were; undefined where that cannot be tried.
 */
async function inotifyInstances(wanted: number): Promise<number | undefined> {
  const call = inotifyInit[process.arch];
  if (call === undefined) return undefined;
  const program = '$n++ while $n < $ARGV[1] && syscall($ARGV[0] + 0, 0) >= 0; print $n + 0';
  const run = await $({ ...quietly, timeout: '5s' })`perl -e ${program} ${call} ${wanted}`;
  return run.exitCode === 0 ? Number(run.stdout) : undefined;
}

/** Of this machine or, in a container with a limit, of that. */
function machineMemory(): number {
  const limit = process.constrainedMemory();
  const bytes = limit > 0 ? Math.min(limit, totalmem()) : totalmem();
  return Math.floor(bytes / 1024 ** 2);
}

const inGib = (mebibytes: number): string => `${Number((mebibytes / 1024).toFixed(2))} GiB`;
