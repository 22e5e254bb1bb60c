import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test, vi } from 'vitest';

let home: string;
let state: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'kit-state-'));
  state = join(home, 'state');
  vi.stubEnv('RABBITMQ_HA_KIT_STATE', state);
  vi.stubEnv('PULUMI_CONFIG_PASSPHRASE', undefined);
  vi.stubEnv('PULUMI_CONFIG_PASSPHRASE_FILE', undefined);
  // Paths are read from the environment when they are loaded.
  vi.resetModules();
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true });
});

const load = () => import('../../../scripts/lib/passphrase.ts');

test('the first run makes a passphrase that only its owner can read', async () => {
  const { ensurePassphrase, passphraseFile, passphraseState } = await load();
  expect(passphraseState()).toBe('new');
  await ensurePassphrase();
  expect(readFileSync(passphraseFile, 'utf8')).toMatch(/^[\w-]{43}\n$/);
  expect(statSync(passphraseFile).mode & 0o777).toBe(0o600);
  expect(statSync(state).mode & 0o777).toBe(0o700);
});

test('runs at once agree on one, and it is never overwritten', async () => {
  const { ensurePassphrase, passphraseFile } = await load();
  await Promise.all([ensurePassphrase(), ensurePassphrase()]);
  const first = readFileSync(passphraseFile, 'utf8');
  await ensurePassphrase();
  expect(readFileSync(passphraseFile, 'utf8')).toBe(first);
});

test('a passphrase that is gone while stacks exist is not made anew', async () => {
  const stacks = join(state, 'backend', '.pulumi', 'stacks', 'kit');
  mkdirSync(stacks, { recursive: true });
  writeFileSync(join(stacks, 'rig-quorum.json'), '{}');
  const { ensurePassphrase, passphraseState } = await load();
  await expect(ensurePassphrase()).rejects.toThrow('missing although stacks were made');
  expect(passphraseState()).toBe('lost');
});

test('a passphrase of the user makes none', async () => {
  const { ensurePassphrase, passphraseState } = await load();
  vi.stubEnv('PULUMI_CONFIG_PASSPHRASE', 'mine');
  await ensurePassphrase();
  expect(passphraseState()).toBe('brought');
  expect(() => statSync(state)).toThrow('ENOENT');
});
