import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { UserError } from '../../../infra/errors.ts';
import type { RenderedHost } from '../../../infra/render/model.ts';
import { writeTree } from '../../../scripts/lib/render-tree.ts';

const host = (name: string): RenderedHost => ({
  name,
  userData: '#cloud-config\n',
  lateFiles: [],
  latePrograms: [],
  files: [
    { path: '/etc/a.conf', content: 'ü\n', mode: '0640', owner: 'root:root', onChange: 'none' },
    {
      path: '/usr/bin/b',
      content: '#!/bin/sh\n',
      mode: '0755',
      owner: 'root:root',
      onChange: 'none',
    },
  ],
});

let out: string;
beforeEach(async () => {
  out = await mkdtemp(join(tmpdir(), 'render-tree-'));
});
afterEach(() => rm(out, { recursive: true }));
const tree = async (): Promise<string[]> => {
  const entries = await readdir(out, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map(({ parentPath, name }) => join(parentPath, name).slice(out.length + 1)).sort();
};

test('every file of every host and its user-data, with sizes and modes', async () => {
  const written = await writeTree(out, [host('broker-1')], { force: false });
  expect(written).toEqual([
    { host: 'broker-1', file: 'broker-1.user-data', bytes: 14 },
    { host: 'broker-1', file: 'broker-1/etc/a.conf', bytes: 3 },
    { host: 'broker-1', file: 'broker-1/usr/bin/b', bytes: 10 },
  ]);
  expect(await tree()).toEqual([
    '.rabbitmq-ha-kit-render',
    'broker-1.user-data',
    'broker-1/etc/a.conf',
    'broker-1/usr/bin/b',
  ]);
  expect((await stat(join(out, 'broker-1/usr/bin/b'))).mode & 0o777).toBe(0o755);
});

test('its own folder is made anew: hosts that are gone leave no files', async () => {
  await writeTree(out, [host('broker-1'), host('broker-2')], { force: false });
  await writeTree(out, [host('broker-1')], { force: false });
  expect((await tree()).some((file) => file.startsWith('broker-2'))).toBe(false);
});

test('a folder of somebody else is refused untouched; --force keeps what is in it', async () => {
  await writeFile(join(out, 'thesis.txt'), 'years of work');
  const refused = writeTree(out, [host('broker-1')], { force: false });
  await expect(refused).rejects.toThrow(UserError);
  expect(await tree()).toEqual(['thesis.txt']);
  await writeTree(out, [host('broker-1')], { force: true });
  expect(await readFile(join(out, 'thesis.txt'), 'utf8')).toBe('years of work');
  // Nor does it become its own by that: the next render must not empty it.
  await expect(writeTree(out, [host('broker-1')], { force: false })).rejects.toThrow(UserError);
});
