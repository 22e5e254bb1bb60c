import { existsSync, readdirSync, statfsSync } from 'node:fs';
import { exec, must } from '../exec.ts';
import { hostNamespace, namespacePath, routerNamespace } from '../names.ts';
import { doneWhen, waitFor } from '../../wait.ts';

/** A namespace by name, kept alive by its file below /run/netns. */
export async function makeNamespace(name: string): Promise<void> {
  if (isNamespace(name)) return;
  // A file without a namespace behind it is left by a machine that lost power: start over.
  await removeNamespace(name);
  await must(['ip', 'netns', 'add', name]);
}

/** Names of all namespaces of the stack, empty leftovers of names included. */
export function namespacesOf(stack: string): string[] {
  if (!existsSync('/run/netns')) return [];
  const router = routerNamespace(stack);
  const ofHosts = hostNamespace(stack, '');
  return readdirSync('/run/netns').filter((name) => name === router || name.startsWith(ofHosts));
}

/** Type of the file system that holds nothing but namespaces, as statfs tells it. */
const nsfs = 0x6e736673;

/** A leftover file is not enough: a namespace must be mounted over it. */
export function isNamespace(name: string): boolean {
  try {
    return statfsSync(namespacePath(name)).type === nsfs;
  } catch {
    return false;
  }
}

export async function removeNamespace(name: string): Promise<void> {
  if (!existsSync(namespacePath(name))) return;
  await exec(['ip', 'netns', 'delete', name]);
  await waitFor(() => doneWhen(!existsSync(namespacePath(name)), 'still there'), {
    subject: `network namespace ${name} to be gone`,
    deadlineMs: 5_000,
    intervalMs: 20,
  });
}

/** Runs `ip` commands in the namespace, all in one process. */
export async function ipBatch(namespace: string, commands: readonly string[]): Promise<void> {
  if (commands.length === 0) return;
  await must(['ip', '-n', namespace, '-batch', '-'], { input: `${commands.join('\n')}\n` });
}

/** Names of the interfaces in the namespace. */
export async function interfaces(namespace: string): Promise<string[]> {
  const listed = await must(['ip', '-n', namespace, '-json', 'link', 'show']);
  return (JSON.parse(listed) as { ifname: string }[]).map((link) => link.ifname);
}

/** Sets keys below /proc/sys/net as the namespace sees them. */
export async function setSysctls(
  namespace: string,
  values: Readonly<Record<string, string | number>>,
): Promise<void> {
  const script = Object.entries(values)
    .map(([key, value]) => `echo ${value} > /proc/sys/net/${key}`)
    .join('\n');
  await must(['nsenter', `--net=${namespacePath(namespace)}`, 'sh', '-e'], { input: script });
}
