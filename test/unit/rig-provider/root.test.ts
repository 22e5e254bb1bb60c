import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HostRoot } from '../../../infra/rig-provider/containers/root.ts';
import { sha256 } from '../../../infra/rig-provider/configuration/digest.ts';

const { uid, gid } = userInfo();
let folder = '';
let root: HostRoot;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rabbitmq-ha-kit-unit-root-'));
  const host = join(folder, 'host');
  mkdirSync(join(host, 'etc/deep/er'), { recursive: true });
  writeFileSync(join(host, 'etc/passwd'), `root:x:7777:0::/:\nkit:x:${uid}:1:Kit,,,:/:/bin/sh\n`);
  writeFileSync(join(host, 'etc/group'), 'other:x:7777:\n');
  writeFileSync(join(host, 'etc/deep/er/file'), 'content\n');
  chmodSync(join(host, 'etc/deep/er/file'), 0o640);
  writeFileSync(join(folder, 'outside'), 'of the host');
  symlinkSync(join(folder, 'outside'), join(host, 'etc/link'));
  symlinkSync('deep', join(host, 'etc/linked-folder'));
  execFileSync('mkfifo', [join(host, 'etc/pipe')]);
  symlinkSync(host, join(folder, 'root'));
  root = new HostRoot(join(folder, 'root'));
});
afterAll(() => {
  root[Symbol.dispose]();
  rmSync(folder, { recursive: true, force: true });
});

describe("a host's files from outside", () => {
  it('have mode, content and the names that the host knows its users by', () => {
    expect(root.find('/etc/deep/er/file')).toEqual({
      mode: 0o640,
      owner: `kit:${gid}`,
      sha256: sha256('content\n'),
    });
  });

  it.each(['/etc/missing', '/missing/folder/file', '/etc/deep', '/etc/pipe'])(
    'are none at %s',
    (path) => {
      expect(root.find(path)).toBeUndefined();
    },
  );

  it.each(['/etc/link', '/etc/linked-folder/er/file'])(
    'are not told through a link: %s',
    (path) => {
      expect(() => root.find(path)).toThrow(/ELOOP|ENOTDIR/);
    },
  );

  it('are there or not by name, be it a link', () => {
    expect(root.has('/etc/link')).toBe(true);
    expect(root.has('/etc/missing')).toBe(false);
    expect(root.has('/missing/file')).toBe(false);
  });
});
