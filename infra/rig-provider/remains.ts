import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { mirrorOf, processesBelow, removeCgroup, stackCgroup } from './cgroup.ts';
import { stopHost } from './host-life.ts';
import { hostNamespace, routerNamespace, stackDisks, stackRun } from './names.ts';
import { removeNamespace } from './network/namespace.ts';
import { folders } from './network/records.ts';
import { loopDevices, releaseLoops } from './volumes/loop.ts';
import { unknownToState, usedVolumes } from './volumes/use.ts';

/**
 * Removes what is empty of a stack's own folders and groups and of the kit's, so that the last one
 * to go leaves nothing. Anything in them keeps them.
 */
export function removeEmptyFolders(stack: string): void {
  const disks = stackDisks(stack);
  const run = stackRun(stack);
  const group = stackCgroup(stack);
  const own = [join(disks, 'hosts'), join(disks, 'volumes'), disks, join(run, 'hosts'), run, group];
  const mirror = mirrorOf(group);
  const mirrors = mirror === undefined ? [] : [mirror, dirname(mirror)];
  for (const folder of [...own, dirname(disks), dirname(run), dirname(group), ...mirrors]) {
    try {
      rmdirSync(folder);
    } catch {
      // Absent, or still in use.
    }
  }
}

function namespacesOf(stack: string): string[] {
  if (!existsSync('/run/netns')) return [];
  const router = routerNamespace(stack);
  const ofHosts = hostNamespace(stack, '');
  return readdirSync('/run/netns').filter((name) => name === router || name.startsWith(ofHosts));
}

const loopsOf = (stack: string): { device: string; file: string }[] =>
  loopDevices().filter(({ file }) => file.startsWith(`${stackDisks(stack)}/`));

/**
 * Everything of the stack that is still on this machine, one line each; empty after `down`.
 * Processes, namespaces, control groups, loop devices and files carry the stack's name; its mounts
 * live in namespaces of its processes, and its ports belong to its forwarder.
 */
export function leftovers(stack: string): Promise<string[]> {
  const group = stackCgroup(stack);
  const found = [
    ...processesBelow(group).map((pid) => `process ${pid} in ${group}`),
    ...[group, mirrorOf(group)]
      .filter((folder) => folder !== undefined && existsSync(folder))
      .map((folder) => `control group ${folder ?? ''}`),
    ...namespacesOf(stack).map((name) => `network namespace ${name}`),
    ...loopsOf(stack).map(({ device, file }) => `loop device ${device} of ${file}`),
    ...[stackDisks(stack), stackRun(stack)]
      .filter((folder) => existsSync(folder))
      .map((folder) => `folder ${folder}`),
  ];
  return Promise.resolve(found);
}

/**
 * Removes whatever is left of a stack, known to its Pulumi state or not: what an interrupted `up`
 * made last is in no state. Only for stacks that are to be gone.
 * @param used what becomes of volumes with data that no state knew
 * @throws before anything is removed, when such volumes are to be kept and there are some.
 */
export async function sweep(stack: string, used: 'keep' | 'discard' = 'discard'): Promise<void> {
  const [kept] = used === 'keep' ? usedVolumes(stack) : [];
  if (kept !== undefined) throw unknownToState(stack, `volume ${basename(kept, '.ext4')}`);
  for (const name of folders(join(stackDisks(stack), 'hosts'))) await stopHost({ stack, name });
  await removeCgroup(stackCgroup(stack));
  for (const namespace of namespacesOf(stack)) await removeNamespace(namespace);
  await releaseLoops(loopsOf(stack).map(({ file }) => file));
  for (const folder of [stackDisks(stack), stackRun(stack)]) {
    rmSync(folder, { recursive: true, force: true });
  }
  removeEmptyFolders(stack);
}
