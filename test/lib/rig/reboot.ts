import { rmSync } from 'node:fs';
import { isPopulated, removeCgroup, stackCgroup } from '../../../infra/rig-provider/cgroup.ts';
import { stackRun } from '../../../infra/rig-provider/names.ts';
import { namespacesOf, removeNamespace } from '../../../infra/rig-provider/network/namespace.ts';
import type { RigStack } from './stack.ts';

/**
 * What a stack looks like after its machine has rebooted: every process dead at the same moment,
 * without a word to anybody; no control group, no namespace, nothing below /run. Disks, registry and
 * Pulumi state are there.
 */
export async function reboot({ name }: RigStack): Promise<void> {
  await removeCgroup(stackCgroup(name));
  for (const namespace of namespacesOf(name)) await removeNamespace(namespace);
  rmSync(stackRun(name), { recursive: true });
  if (isPopulated(stackCgroup(name)) || namespacesOf(name).length > 0) {
    throw new Error(`something of ${name} has survived`);
  }
}
