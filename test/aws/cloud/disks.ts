import { existsSync, mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { container } from '../../../infra/rig-provider/containers/container.ts';
import { must } from '../../../infra/rig-provider/exec.ts';
import { volumeFile } from '../../../infra/rig-provider/names.ts';
import { loopOf, releaseLoops } from '../../../infra/rig-provider/volumes/loop.ts';
import { ApiError } from './call.ts';

/** Volumes as sparse files, blank until a host makes a file system in them. */

const bytesPerGiB = 1024 ** 3;

export function makeDisk(cloud: string, volume: string, sizeGiB: number): void {
  const file = volumeFile(cloud, volume);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, '', { mode: 0o600 });
  truncateSync(file, sizeGiB * bytesPerGiB);
}

export const removeDisk = (cloud: string, volume: string): void => {
  rmSync(volumeFile(cloud, volume), { force: true });
};

/** Nothing here tells the host's kernel of devices, so that the cloud makes their nodes itself. */
const plugScript = `set -eu
link=/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_$1
[ ! -e "$link" ] || exit 0
n=1
while [ -e "/dev/nvme\${n}n1" ]; do n=$((n + 1)); done
mknod -m 0600 "/dev/nvme\${n}n1" b "$2" "$3"
mkdir -p /dev/disk/by-id
ln -s "../../nvme\${n}n1" "$link"
`;

const unplugScript = `set -eu
link=/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_$1
[ -e "$link" ] || exit 0
node=$(readlink -f "$link")
if grep -q "^$node " /proc/self/mounts || grep -q "^$link " /proc/self/mounts; then exit 75; fi
rm -f "$link" "$node"
`;

/** As udev names it on an instance: without the dash of the id. */
const serialOf = (volume: string): string => volume.replace('-', '');

/** Makes the volume a block device of the running instance. */
export async function plugDisk(cloud: string, instance: string, volume: string): Promise<void> {
  const file = volumeFile(cloud, volume);
  const device =
    loopOf(file) ?? (await must(['losetup', '--find', '--show', '--nooverlap', file])).trim();
  const numbers = (await must(['stat', '-c', '%Hr %Lr', device])).trim().split(' ');
  const argv = ['sh', '-c', plugScript, 'plug', serialOf(volume), ...numbers];
  const { code, stderr } = await container.exec({ stack: cloud, name: instance }, argv);
  if (code !== 0) throw new Error(`${volume} cannot be plugged into ${instance}: ${stderr}`);
}

/** @throws ApiError while the instance has it mounted: a real one would hang in `detaching`. */
export async function unplugDisk(cloud: string, instance: string, volume: string): Promise<void> {
  const host = { stack: cloud, name: instance };
  if (container.state(host) === 'running') {
    const argv = ['sh', '-c', unplugScript, 'unplug', serialOf(volume)];
    const { code, stderr } = await container.exec(host, argv);
    if (code === 75) {
      throw new ApiError('IncorrectState', `${volume} is in use by a file system of ${instance}`);
    }
    if (code !== 0) throw new Error(`${volume} cannot be unplugged: ${stderr}`);
  }
  await freeDisk(cloud, volume);
}

/** Gives the device back; who had it mounted is gone. */
export async function freeDisk(cloud: string, volume: string): Promise<void> {
  const file = volumeFile(cloud, volume);
  const device = existsSync(file) ? loopOf(file) : undefined;
  if (device === undefined) return;
  await must(['losetup', '--detach', device]);
  await releaseLoops([file]);
}
