import { accessSync, constants, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { cacheDir } from '../../paths.ts';
import { exec } from '../exec.ts';
import { readJson, writeJson } from '../json-file.ts';
import { program } from './qemu.ts';

/** Whether the processor runs a machine's code itself, or qemu translates it. */
export type Acceleration = 'kvm' | 'tcg';

/** With KVM the trial takes about a second. */
const trialMs = 15_000;

const finding = z.object({ circumstances: z.string(), acceleration: z.enum(['kvm', 'tcg']) });
const file = join(cacheDir, 'acceleration.json');

/**
 * KVM where a kernel boots with it. That its device opens says little: inside of other virtual machines
 * guests may hang for ever. What was found holds until this machine boots again or qemu changes.
 */
export async function chooseAcceleration(kernel: string): Promise<Acceleration> {
  if (!canOpen('/dev/kvm')) return 'tcg';
  const { stdout: version } = await exec([program, '--version']);
  const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  const circumstances = JSON.stringify([bootId, version, kernel]);
  const known = readJson(file, finding);
  if (known?.circumstances === circumstances) return known.acceleration;
  const acceleration = (await bootsWithKvm(kernel)) ? 'kvm' : 'tcg';
  writeJson(file, { circumstances, acceleration });
  return acceleration;
}

/** Boots the kernel until it finds no root, which has it start again, which ends the trial. */
async function bootsWithKvm(kernel: string): Promise<boolean> {
  const argv = [
    ...[program, '-nodefaults', '-no-user-config', '-display', 'none', '-serial', 'stdio'],
    ...['-machine', 'q35', '-accel', 'kvm', '-cpu', 'host', '-m', '256', '-no-reboot'],
    ...['-kernel', kernel, '-append', 'console=ttyS0 panic=-1'],
  ];
  try {
    const { code, stdout } = await exec(argv, { timeoutMs: trialMs });
    return code === 0 && stdout.includes('Unable to mount root fs');
  } catch {
    // It hangs.
    return false;
  }
}

function canOpen(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
