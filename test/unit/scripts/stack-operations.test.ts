import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest';

const base = vi.hoisted(() => {
  const folder = `${process.env['TMPDIR'] ?? '/tmp'}/rabbitmq-ha-kit-unit-operations-${process.pid}`;
  process.env['RABBITMQ_HA_KIT_STATE'] = `${folder}/state`;
  return folder;
});
const { ensureStack } = await import('../../../scripts/lib/stack-operations.ts');

const log = join(base, 'log');

/** A Pulumi whose backend knows these stacks. */
function fakePulumi(...stacks: readonly string[]): void {
  const listed = JSON.stringify(stacks.map((name) => ({ name: `organization/kit/${name}` })));
  writeFileSync(join(base, 'pulumi'), `#!/bin/sh\necho "$@" >> ${log}\necho '${listed}'\n`);
  chmodSync(join(base, 'pulumi'), 0o755);
}

beforeEach(() => {
  mkdirSync(base, { recursive: true });
  vi.stubEnv('PULUMI_BACKEND_URL', 'file:///nowhere');
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(log, { force: true });
});
afterAll(() => {
  rmSync(base, { recursive: true, force: true });
});

test('a stack that the backend does not know is made once', async () => {
  fakePulumi('other');
  expect(await ensureStack({ stack: 'mq', toolDir: base })).toBe(false);
  fakePulumi('other', 'mq');
  expect(await ensureStack({ stack: 'mq', toolDir: base })).toBe(true);
  const asked = '--non-interactive stack ls --json';
  expect(readFileSync(log, 'utf8').trim().split('\n')).toEqual([
    asked,
    '--non-interactive stack init mq',
    asked,
  ]);
});
