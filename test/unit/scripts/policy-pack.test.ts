import { join } from 'node:path';
import { expect, it } from 'vitest';
import { repositoryRoot } from '../../../infra/paths.ts';
import { withFullPackPaths } from '../../../scripts/lib/policy-pack.ts';

const program = join(repositoryRoot, 'policy/pulumi-analyzer-rabbitmq-ha-kit');
const full = (...argv: string[]): string[] => withFullPackPaths(argv, repositoryRoot);

it('gives the pack of the kit as the program that starts it, from any way of naming it', () => {
  expect(full('preview', '--policy-pack', 'policy')).toEqual(['preview', '--policy-pack', program]);
  expect(full('up', '--policy-pack=./policy', '--yes')).toEqual([
    'up',
    `--policy-pack=${program}`,
    '--yes',
  ]);
});

it('leaves everything else as it is but for its full path', () => {
  expect(full('preview', '--diff')).toEqual(['preview', '--diff']);
  const other = join(repositoryRoot, 'docs');
  expect(full('preview', '--policy-pack', 'docs')).toEqual(['preview', '--policy-pack', other]);
  const missing = join(repositoryRoot, 'nowhere');
  expect(full('preview', '--policy-pack', 'nowhere')).toEqual([
    'preview',
    '--policy-pack',
    missing,
  ]);
});
