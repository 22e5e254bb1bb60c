import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { UserError } from '../../errors.ts';
import { stackDisks, volumeFile } from '../names.ts';

/**
 * Whether a volume may hold data. A new one carries a mark beside its file until the first host
 * starts with it; without the mark it counts as used, so that doubt keeps data.
 */
const markOf = (file: string): string => `${file}.unused`;
const isVolumeInUse = (file: string): boolean => existsSync(file) && !existsSync(markOf(file));

export function markUnused(stack: string, volume: string): void {
  writeFileSync(markOf(volumeFile(stack, volume)), '', { mode: 0o600 });
}

/** Before the host runs: a start that is cut off may have written already. */
export function markUsed(stack: string, volume: string): void {
  rmSync(markOf(volumeFile(stack, volume)), { force: true });
}

export const isUsed = (stack: string, volume: string): boolean =>
  isVolumeInUse(volumeFile(stack, volume));

/** Files of the stack's volumes that a host has ever had. */
export const usedVolumes = (stack: string): string[] =>
  usedVolumesIn(dirname(volumeFile(stack, 'any')));

/** The same in any folder of volumes. */
export function usedVolumesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.ext4'))
    .sort()
    .map((name) => join(folder, name))
    .filter(isVolumeInUse);
}

/** A part of the stack lives here, and the Pulumi state that is being brought up knows nothing of it. */
export function unknownToState(stack: string, part: string): UserError {
  return new UserError({
    what: `${part} of stack ${stack} is on this machine, but the Pulumi state in use does not know it`,
    value: stackDisks(stack),
    fix:
      'use the HOME, RABBITMQ_HA_KIT_STATE or PULUMI_BACKEND_URL that made it, or another stack name; ' +
      `or give its messages up: npm run down -- --stack ${stack} --discard-messages`,
  });
}
