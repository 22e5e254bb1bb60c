import { accessSync, constants, existsSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../errors.ts';
import type { HostRecord } from '../host-record.ts';
import { machineParts } from '../images/store.ts';
import { program } from './qemu.ts';

/** Debian packages that machines need on this machine, and the program for which each is there. */
export const machineTools = {
  'qemu-system-x86': program,
  'qemu-utils': 'qemu-img',
  'openssh-client': 'ssh',
} as const;

/** @throws UserError when this machine cannot run machine hosts at all. */
export function requireMachineTools(): void {
  if (process.arch !== 'x64') {
    throw new UserError({
      what: 'machine hosts are made for x86-64 processors',
      value: process.arch,
      allowed: 'x64',
      fix: 'rig.hostKind: container, where the plan needs no kernel modules that are missing here',
    });
  }
  const missing = Object.entries(machineTools).filter(([, tool]) => !isProgram(tool));
  if (missing.length === 0) return;
  throw new UserError({
    what: 'this machine lacks what machine hosts need',
    value: missing.map(([, tool]) => tool).join(', '),
    fix: `npm run up installs it; by hand: apt-get install ${missing.map(([name]) => name).join(' ')}`,
  });
}

function isProgram(name: string): boolean {
  return (process.env['PATH'] ?? '').split(':').some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** @throws UserError when the host's image is not there any more. */
export function requireMachineImage({ stack, name, image }: HostRecord): void {
  if (existsSync(join(image, machineParts.disk))) return;
  throw new UserError({
    what: `host ${name} of ${stack} cannot start: its base image is gone from the cache`,
    value: image,
    fix: 'npm run setup, then npm run up: a host whose image is gone is made anew, and its volumes stay',
  });
}
