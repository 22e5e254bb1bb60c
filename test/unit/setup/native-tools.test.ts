import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, expect, test } from 'vitest';

import { isOlder, nativeTool } from '../../lib/native-tools.ts';

const folder = mkdtempSync(join(tmpdir(), 'kit-native-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

test('a native tool sees the folder and its verdict comes back', async () => {
  writeFileSync(join(folder, 'good.sh'), '#!/bin/sh\necho "$1"\n');
  writeFileSync(join(folder, 'bad.sh'), '#!/bin/sh\necho $1\n');
  const judge = (file: string) => nativeTool('shellcheck', folder, (path) => [`${path}/${file}`]);
  expect(await judge('good.sh')).toMatchObject({ code: 0 });
  const bad = await judge('bad.sh');
  expect(bad.code).toBe(1);
  expect(bad.output).toContain('SC2086');
});

test('a native tool writes nothing into the image', async () => {
  const write = 'io:format("~p", [file:write_file("/var/log/trial.log", "")]), halt().';
  const argv = ['-noinput', '-boot', 'no_dot_erlang', '-eval', write];
  expect((await nativeTool('erl', folder, () => argv)).stdout).toBe('{error,erofs}');
});

test.each([
  ['2.2.7', true],
  ['2.2.10', true],
  ['2.3.3', false],
  ['2.3.10', false],
  ['2.10.0', false],
])('a tool of version %s beside 2.3.3', (version, older) => {
  expect(isOlder(version, '2.3.3')).toBe(older);
});
