import { spawn } from 'node:child_process';
import { mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { disksDir, registryDir, runDir, stateDir } from '../../../infra/paths.ts';
import { kitCgroup } from '../../../infra/rig-provider/cgroup.ts';
import { must } from '../../../infra/rig-provider/exec.ts';

/**
 * One piece of every kind that a stack leaves, under a name that no state knows: a process in a
 * control group, namespaces, a mount, a loop device, disks, a port record, an entry in the registry.
 * @returns the id of the process
 */
export async function plantOrphan(stack: string): Promise<number> {
  const lost = join(disksDir, stack, 'hosts', 'lost');
  const volumes = join(disksDir, stack, 'volumes');
  const group = join(kitCgroup(), stack, 'lost');
  for (const folder of [join(lost, 'root'), volumes, join(runDir, stack), group, registryDir]) {
    mkdirSync(folder, { recursive: true });
  }
  const entry = { stack, stateDir: join(stateDir, 'gone'), disksDir, runDir, since: 'long ago' };
  const backend = `file://${entry.stateDir}/backend`;
  writeFileSync(join(registryDir, `${stack}.json`), JSON.stringify({ ...entry, backend }));
  writeFileSync(join(runDir, stack, 'network.json'), '{"networks":[],"forwards":[]}');
  for (const name of [`rmqha-${stack}`, `rmqha-${stack}@lost`]) {
    await must(['ip', 'netns', 'add', name]);
  }
  await must(['mount', '-t', 'tmpfs', 'tmpfs', join(lost, 'root')]);
  const file = join(volumes, 'lost-data.ext4');
  writeFileSync(file, '');
  truncateSync(file, 1024 ** 2);
  await must(['losetup', '--find', file]);
  const sleeper = spawn('sleep', ['600'], { stdio: 'ignore', detached: true });
  sleeper.unref();
  if (sleeper.pid === undefined) throw new Error('cannot start a process');
  writeFileSync(join(group, 'cgroup.procs'), String(sleeper.pid));
  return sleeper.pid;
}

/** The orphan's volume has held data; without the mark it is one that no host ever had. */
export const emptyVolume = (stack: string): void => {
  writeFileSync(join(disksDir, stack, 'volumes', 'lost-data.ext4.unused'), '');
};

export const removeEntry = (stack: string): void => {
  rmSync(join(registryDir, `${stack}.json`), { force: true });
};
