import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { HostRecord } from '../host-record.ts';
import { hostDisks, machineId } from '../names.ts';
import type { DiskFiles } from '../runtime.ts';

/**
 * What the rig puts on a host's disk before its first boot: its name, an identity, and that its
 * network is set up from outside.
 */
function diskFiles(host: HostRecord): DiskFiles {
  return {
    'etc/hostname': `${host.name}\n`,
    // With an id in place systemd does not take the boot for the first one and enable all presets.
    'etc/machine-id': `${machineId(host.stack, host.name)}\n`,
    // Its seed is a folder: no disk of this machine, whose devices the host sees, is asked for one.
    'etc/cloud/cloud.cfg.d/99-rig.cfg':
      'network: {config: disabled}\ndatasource_list: [NoCloud]\ndatasource: {NoCloud: {fs_label: null}}\n',
  };
}

/** The host's own disk: a folder over that of its image. */
export function makeDisk(host: HostRecord, files: DiskFiles): void {
  const disks = hostDisks(host.stack, host.name);
  for (const folder of ['upper', 'work']) {
    mkdirSync(join(disks, folder), { recursive: true, mode: 0o700 });
  }
  const upper = join(disks, 'upper');
  chmodSync(upper, 0o755);
  for (const [path, content] of Object.entries({ ...diskFiles(host), ...files })) {
    const folders = dirname(path).split('/');
    // Folders on the upper disk lend their mode to the merged view, whatever our umask is.
    folders.forEach((_, i) => {
      const folder = join(upper, ...folders.slice(0, i + 1));
      mkdirSync(folder, { recursive: true });
      chmodSync(folder, 0o755);
    });
    writeFileSync(join(upper, path), content);
    chmodSync(join(upper, path), path === 'etc/machine-id' ? 0o444 : 0o644);
  }
}
