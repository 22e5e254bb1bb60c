import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { link, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { UserError } from '../../infra/errors.ts';
import { stateDir } from '../../infra/paths.ts';

export const passphraseFile = join(stateDir, 'passphrase');

/** The user brings a passphrase of their own, so that the kit's is not needed. */
const isBrought = (env: NodeJS.ProcessEnv): boolean =>
  env['PULUMI_CONFIG_PASSPHRASE'] !== undefined ||
  env['PULUMI_CONFIG_PASSPHRASE_FILE'] !== undefined;

/** Where the passphrase stands: `lost` when there are stacks that were encrypted with it. */
export function passphraseState(env = process.env): 'brought' | 'there' | 'new' | 'lost' {
  if (isBrought(env)) return 'brought';
  if (existsSync(passphraseFile)) return 'there';
  return hasStacks(join(stateDir, 'backend', '.pulumi', 'stacks')) ? 'lost' : 'new';
}

/**
 * Makes the passphrase of the default backend on first run; an existing one is never touched.
 * @throws UserError when it is gone although stacks exist.
 */
export async function ensurePassphrase(): Promise<void> {
  const state = passphraseState();
  if (state === 'lost') throw lostPassphrase();
  if (state !== 'new') return;
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  const draft = `${passphraseFile}.${randomUUID()}`;
  await writeFile(draft, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600 });
  try {
    // A link, unlike a rename, leaves the one that another run has just made.
    await link(draft, passphraseFile);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(draft);
  }
}

export function lostPassphrase(): UserError {
  return new UserError({
    what: 'the passphrase of the Pulumi backend is missing although stacks were made with it',
    value: passphraseFile,
    fix: `restore that file, or set PULUMI_CONFIG_PASSPHRASE; if the stacks may be lost, remove ${join(stateDir, 'backend')}`,
  });
}

function hasStacks(folder: string): boolean {
  return (
    existsSync(folder) &&
    readdirSync(folder, { recursive: true }).some((name) => String(name).endsWith('.json'))
  );
}
