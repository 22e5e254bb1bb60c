import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { longCommand } from '../../long-command.ts';
import { createSshKey } from '../../ssh-key.ts';
import { machineParts } from './store.ts';

const deadlineMs = 120_000;

/** What the rig calls every machine in its own list of known hosts. */
export const machineAlias = 'machine';

/**
 * Makes a root file system what machine hosts boot, in `folder` (see {@link machineParts}). Host key
 * and login are the image's: the rig's cable to a machine leads nowhere else.
 */
export async function makeMachineDisk(rootfs: string, folder: string): Promise<void> {
  const [host, login] = [createSshKey('machine'), createSshKey('rig')];
  const keys = join(rootfs, 'etc/rig');
  mkdirSync(keys, { recursive: true });
  writeFileSync(join(keys, 'host-key'), host.privateKey, { mode: 0o600 });
  writeFileSync(join(keys, 'authorized-keys'), `${login.publicKey}\n`, { mode: 0o600 });
  mkdirSync(folder);
  writeFileSync(join(folder, machineParts.key), login.privateKey, { mode: 0o600 });
  const known = `${machineAlias} ${host.publicKey}\n`;
  writeFileSync(join(folder, machineParts.knownHosts), known);
  const script = join(import.meta.dirname, 'machine-disk.sh');
  const { kernel, initrd, disk } = machineParts;
  const places = [kernel, initrd, disk].map((name) => join(folder, name));
  await longCommand(['sh', script, rootfs, ...places], { deadlineMs });
}
