import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, expect, test } from 'vitest';

import { nativeTool } from '../../lib/native-tools.ts';

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
