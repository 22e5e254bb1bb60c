import { existsSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { mirrorOf, processesBelow, removeCgroup, stackCgroup } from './cgroup.ts';
import { exec, must } from './exec.ts';
import { stopHost } from './host-life.ts';
import { stackDisks, stackRun } from './names.ts';
import { namespacesOf, removeNamespace } from './network/namespace.ts';
import { folders } from './network/records.ts';
import { forgetStackRecord } from './stacks/registry.ts';
import { loopDevices, releaseLoops } from './volumes/loop.ts';
import { unknownToState, usedVolumes } from './volumes/use.ts';

/** A stack's own folders. */
export interface StackFolders {
  readonly disks: string;
  readonly run: string;
}

/** Where this process keeps the stack. */
export const ownFolders = (stack: string): StackFolders => ({
  disks: stackDisks(stack),
  run: stackRun(stack),
});

/**
 * Removes what is empty of a stack's own folders and groups and of the kit's, so that the last one
 * to go leaves nothing; with them goes the stack's entry of the registry. Anything in them keeps them.
 */
export function removeEmptyFolders(stack: string, places = ownFolders(stack)): void {
  const { disks, run } = places;
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
  if (![disks, run, group].some((folder) => existsSync(folder))) forgetStackRecord(stack);
}

const loopsOf = ({ disks }: StackFolders): { device: string; file: string }[] =>
  loopDevices().filter(({ file }) => file.startsWith(`${disks}/`));

/** Mounts in its folders that this process sees, innermost first: a host's own are in its namespace. */
const mountsOf = ({ disks, run }: StackFolders): string[] =>
  readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((point) => [disks, run].some((folder) => `${point}/`.startsWith(`${folder}/`)))
    .reverse();

/**
 * Everything of the stack that is still on this machine, one line each; empty after `down`.
 * Processes, namespaces, control groups, loop devices and files carry the stack's name; its hosts'
 * mounts live in namespaces of their processes, and its ports belong to its forwarder.
 */
export function leftovers(stack: string, places = ownFolders(stack)): Promise<string[]> {
  const group = stackCgroup(stack);
  const found = [
    ...processesBelow(group).map((pid) => `process ${pid} in ${group}`),
    ...[group, mirrorOf(group)]
      .filter((folder) => folder !== undefined && existsSync(folder))
      .map((folder) => `control group ${folder ?? ''}`),
    ...namespacesOf(stack).map((name) => `network namespace ${name}`),
    ...mountsOf(places).map((point) => `mount ${point}`),
    ...loopsOf(places).map(({ device, file }) => `loop device ${device} of ${file}`),
    ...[places.disks, places.run]
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
export async function sweep(
  stack: string,
  used: 'keep' | 'discard' = 'discard',
  places = ownFolders(stack),
): Promise<void> {
  const [kept] = used === 'keep' ? usedVolumes(stack) : [];
  if (kept !== undefined) throw unknownToState(stack, `volume ${basename(kept, '.ext4')}`);
  for (const name of folders(join(places.disks, 'hosts'))) await stopHost({ stack, name });
  await removeCgroup(stackCgroup(stack));
  for (const namespace of namespacesOf(stack)) await removeNamespace(namespace);
  for (const point of mountsOf(places)) await must(['umount', point]);
  // The kernel frees those of a dead host by itself; one that was made by hand waits for ever.
  for (const { device } of loopsOf(places)) await exec(['losetup', '--detach', device]);
  await releaseLoops(loopsOf(places).map(({ file }) => file));
  for (const folder of [places.disks, places.run]) {
    rmSync(folder, { recursive: true, force: true });
  }
  removeEmptyFolders(stack, places);
}
