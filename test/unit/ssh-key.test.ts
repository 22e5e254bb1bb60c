import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { sshKey } from '../../infra/rig-provider/resources/ssh-key.ts';
import { createSshKey } from '../../infra/ssh-key.ts';

it('writes pairs that OpenSSH takes, another each time', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ssh-key-'));
  try {
    // Comments of several lengths: the private half is padded to whole blocks.
    const pairs = ['a', 'stack', 'a-longer-name-of-a-stack'].map(createSshKey);
    for (const [index, { publicKey, privateKey }] of pairs.entries()) {
      const file = join(folder, String(index));
      writeFileSync(file, privateKey, { mode: 0o600 });
      const read = execFileSync('ssh-keygen', ['-y', '-f', file], { encoding: 'utf8' });
      expect(read.trim()).toBe(publicKey);
    }
    expect(new Set(pairs.map(({ publicKey }) => publicKey.split(' ')[1])).size).toBe(pairs.length);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('is a resource whose private half is a secret, kept over updates', async () => {
  const { state } = await sshKey.create({ comment: 'stack' }, 'operators');
  expect(sshKey.secrets).toEqual(['privateKey']);
  expect(state.publicKey).toMatch(/^ssh-ed25519 [A-Za-z0-9+/]{68} stack$/);
  expect(await sshKey.diff('operators', state, { comment: 'stack' })).toEqual({
    updates: [],
    replaces: [],
  });
  expect(sshKey.inputs.safeParse({ comment: 'two words' }).success).toBe(false);
});
