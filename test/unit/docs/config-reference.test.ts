import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { expect, test } from 'vitest';
import { repositoryRoot } from '../../../infra/paths.ts';
import { meanings } from '../../lib/config-meanings.ts';
import { configFields, configTables } from '../../lib/config-reference.ts';

const file = join(repositoryRoot, 'docs', 'config.md');
/** What stands above this line is written by hand, the rest by `UPDATE_GOLDENS=1 npm run test:fast`. */
const marker = '<!-- Generated from infra/config/schema.ts: see test/lib/config-reference.ts -->';

test('docs/config.md says what the schema says', async () => {
  const [preface = ''] = readFileSync(file, 'utf8').split(marker);
  const text = `${preface}${marker}\n\n${configTables()}`;
  const expected = await format(text, { ...(await resolveConfig(file)), parser: 'markdown' });
  if (process.env['UPDATE_GOLDENS'] === '1') writeFileSync(file, expected);
  expect(readFileSync(file, 'utf8')).toBe(expected);
});

test('every field has its meaning, and every meaning its field', () => {
  expect(Object.keys(meanings).sort()).toEqual(
    configFields()
      .map(({ path }) => path)
      .sort(),
  );
});
