import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { repositoryRoot } from '../../../infra/paths.ts';
import { atLeast, pulumiVersion } from '../../../scripts/lib/pulumi-cli.ts';

const read = (...path: string[]): string => readFileSync(join(repositoryRoot, ...path), 'utf8');

test.each([
  ['3.259.0', '3.259.0', true],
  ['3.260.0', '3.259.9', true],
  ['4.0.0', '3.259.0', true],
  ['3.99.0', '3.259.0', false],
  ['3.259.0', '3.259.1', false],
])('%s is at least %s: %s', (version, least, expected) => {
  expect(atLeast(version, least)).toBe(expected);
});

test('CLI, pinned Go module and npm package are of one version', () => {
  const { dependencies } = JSON.parse(read('package.json')) as {
    dependencies: Record<string, string>;
  };
  expect(dependencies['@pulumi/pulumi']).toBe(pulumiVersion);
  const required = /require github\.com\/pulumi\/pulumi\/pkg\/v3 v(\S+)/.exec(
    read('infra/toolchain/pulumi-cli/go.mod'),
  );
  expect(required?.[1]).toBe(pulumiVersion);
});

test('every module that is built is pinned by checksum', () => {
  for (const folder of ['pulumi-cli', 'pulumi-language-nodejs']) {
    const [, module = '', version = ''] =
      /require (\S+) (\S+)/.exec(read('infra/toolchain', folder, 'go.mod')) ?? [];
    const sums = read('infra/toolchain', folder, 'go.sum').split('\n');
    expect(sums.some((line) => line.startsWith(`${module} ${version} h1:`))).toBe(true);
  }
});
