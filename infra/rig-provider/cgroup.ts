import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { UserError } from '../errors.ts';
import { waitFor } from '../wait.ts';

/**
 * Every process of the rig is in a control group `rabbitmq-ha-kit/<stack>/<host or .forwarder>` of
 * the unified hierarchy: so a host can be killed whole, and nothing of a stack can be overlooked.
 */
const kitGroup = 'rabbitmq-ha-kit';

/** Group of the process that carries loopback ports into the stack; no host can have its name. */
export const forwarderGroup = '.forwarder';

/** Group of the process that takes hosts' power away; outside of them all. */
export const powerGroup = '.power';

/** Mount point of the unified hierarchy in the text of `/proc/self/mounts`. */
export function findUnifiedRoot(mounts: string): string | undefined {
  for (const line of mounts.split('\n')) {
    const [, mountPoint, type] = line.split(' ');
    if (type === 'cgroup2') return mountPoint;
  }
  return undefined;
}

/** Where a machine that also has control groups of version 1 keeps systemd's own hierarchy. */
export function findNamedRoot(mounts: string): string | undefined {
  for (const line of mounts.split('\n')) {
    const [, mountPoint, type, options = ''] = line.split(' ');
    if (type === 'cgroup' && options.split(',').includes('name=systemd')) return mountPoint;
  }
  return undefined;
}

let unifiedRoot: string | undefined;
export function kitCgroup(): string {
  unifiedRoot ??= findUnifiedRoot(readFileSync('/proc/self/mounts', 'utf8'));
  if (unifiedRoot === undefined) {
    throw new UserError({
      what: 'no unified control group hierarchy (cgroup2) is mounted on this machine',
      fix: 'boot with systemd.unified_cgroup_hierarchy=1, or mount it: mount -t cgroup2 none /sys/fs/cgroup/unified',
    });
  }
  return join(unifiedRoot, kitGroup);
}

export const stackCgroup = (stack: string): string => join(kitCgroup(), stack);
export const memberCgroup = (stack: string, member: string): string =>
  join(stackCgroup(stack), member);

/** Makes the group; with a limit where the kernel's memory controller is in this hierarchy. */
export function makeCgroup(group: string, memoryMiB?: number): void {
  mkdirSync(group, { recursive: true });
  if (memoryMiB !== undefined) limitMemory(group, memoryMiB);
}

/** Returns whether the limit is in force: machines with cgroup v1 keep the controller there. */
export function limitMemory(group: string, memoryMiB: number): boolean {
  const stack = join(group, '..');
  for (const above of [join(stack, '..', '..'), join(stack, '..'), stack]) {
    const offered = readFileSync(join(above, 'cgroup.controllers'), 'utf8').split(/\s+/);
    if (!offered.includes('memory')) return false;
    writeFileSync(join(above, 'cgroup.subtree_control'), '+memory');
  }
  writeFileSync(join(group, 'memory.max'), String(memoryMiB * 1024 * 1024));
  return true;
}

/** Whether that limit is above the one in force; without one in force, nothing is. */
export function isRoomier(group: string, memoryMiB: number): boolean {
  const file = join(group, 'memory.max');
  if (!existsSync(file)) return false;
  const inForce = readFileSync(file, 'utf8').trim();
  return inForce !== 'max' && memoryMiB * 1024 * 1024 > Number(inForce);
}

/** Whether a process of the group or of a group below it is alive. */
export function isPopulated(group: string): boolean {
  try {
    return readFileSync(join(group, 'cgroup.events'), 'utf8').includes('populated 1');
  } catch {
    return false;
  }
}

/** Kills every process of the group at once, like a power cut, and waits until none is left. */
export async function killCgroup(group: string): Promise<void> {
  if (!existsSync(group)) return;
  writeFileSync(join(group, 'cgroup.kill'), '1');
  await waitFor(
    () =>
      isPopulated(group)
        ? { seen: `processes ${processesBelow(group).join(' ')}` }
        : { done: true, value: true },
    {
      subject: `control group ${group} to have no process left`,
      deadlineMs: 15_000,
      intervalMs: 10,
    },
  );
}

/** systemd-nspawn mirrors its groups in the named hierarchy of version 1, where there is one. */
export function mirrorOf(group: string): string | undefined {
  const root = findNamedRoot(readFileSync('/proc/self/mounts', 'utf8'));
  return root === undefined ? undefined : join(root, relative(dirname(kitCgroup()), group));
}

/** Kills what is in the group and removes it with all groups below. */
export async function removeCgroup(group: string): Promise<void> {
  await killCgroup(group);
  await removeFolders(group);
  const mirror = mirrorOf(group);
  if (mirror !== undefined) await removeFolders(mirror);
}

async function removeFolders(group: string): Promise<void> {
  await waitFor(
    () => {
      try {
        for (const folder of foldersBelow(group)) rmdirSync(folder);
      } catch (error) {
        // Dying processes keep a group busy for a moment after it reports none.
        if (existsSync(group)) return { seen: String(error) };
      }
      return { done: true, value: true };
    },
    {
      subject: `control group ${group} to be gone`,
      deadlineMs: 15_000,
      intervalMs: 10,
    },
  );
}

/** The folder and all below it, deepest first. */
function foldersBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const inner = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [...inner.flatMap((entry) => foldersBelow(join(folder, entry.name))), folder];
}

export function processesBelow(group: string): number[] {
  return foldersBelow(group).flatMap((folder) => {
    try {
      const pids = readFileSync(join(folder, 'cgroup.procs'), 'utf8').split('\n');
      return pids.filter((pid) => pid !== '').map(Number);
    } catch {
      return [];
    }
  });
}
