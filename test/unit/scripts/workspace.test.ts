import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest';

const base = vi.hoisted(() => {
  const folder = `${process.env['TMPDIR'] ?? '/tmp'}/rabbitmq-ha-kit-unit-workspace-${process.pid}`;
  process.env['RABBITMQ_HA_KIT_STATE'] = `${folder}/state`;
  process.env['RABBITMQ_HA_KIT_STACKS'] = `${folder}/stacks`;
  return folder;
});
const workspace = await import('../../../scripts/lib/pulumi-workspace.ts');
const { loadStack } = await import('../../../scripts/lib/stack.ts');
const { enterWorkspace, leaveWorkspace, unmergedDir, withoutRepetition, workingFile } = workspace;

const stack = 'unit';
const file = join(base, 'stacks', `Pulumi.${stack}.yaml`);
const text = `# Why this stack is there.
config:
  rabbitmq-ha-kit:environment:
    topology: quorum-cluster # three of them
    hosts: {memoryMiB: 700}
`;

beforeEach(() => {
  rmSync(base, { recursive: true, force: true });
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
});
afterAll(() => {
  rmSync(base, { recursive: true, force: true });
});

/** What `pulumi config set` does: comments and layout of the file are lost on the way. */
function configSet(topology: string): void {
  writeFileSync(
    workingFile(stack),
    `encryptionsalt: v1:salt
config:
  rabbitmq-ha-kit:environment: {hosts: {memoryMiB: 700}, topology: ${topology}}
  rabbitmq-ha-kit:override: {topology: warren}
`,
  );
}

describe('leaving the workspace', () => {
  test('writes what pulumi changed, and nothing else', async () => {
    const entry = await enterWorkspace(stack);
    configSet('warren');
    await leaveWorkspace(stack, entry);
    const committed = readFileSync(file, 'utf8');
    expect(committed).toContain('# Why this stack is there.');
    expect(committed).toContain('topology: warren # three of them');
    expect(committed).not.toMatch(/salt|override/);
  });

  test('keeps an edit that was made meanwhile when pulumi changed nothing', async () => {
    const entry = await enterWorkspace(stack);
    const edited = text.replace('700', '900');
    writeFileSync(file, edited);
    await leaveWorkspace(stack, entry);
    expect(readFileSync(file, 'utf8')).toBe(edited);
    expect(existsSync(unmergedDir)).toBe(false);
  });

  test('keeps both when both were changed, and says where', async () => {
    const entry = await enterWorkspace(stack);
    const edited = text.replace('700', '900');
    writeFileSync(file, edited);
    configSet('warren');
    await expect(leaveWorkspace(stack, entry)).rejects.toThrow('edited meanwhile');
    expect(readFileSync(file, 'utf8')).toBe(edited);
    const [kept = ''] = readdirSync(unmergedDir);
    expect(readFileSync(join(unmergedDir, kept), 'utf8')).toContain('topology: warren');
  });

  test('does not touch a file that nobody changed', async () => {
    await leaveWorkspace(stack, await enterWorkspace(stack));
    expect(readFileSync(file, 'utf8')).toBe(text);
  });
});

test.each([
  [{ topology: 'warren' }, undefined],
  [{ topology: 'warren', other: 1 }, { other: 1 }],
  [{ topology: 'quorum-cluster' }, { topology: 'quorum-cluster' }],
  [undefined, undefined],
])('an override %j on a warren is kept as %j', (override, kept) => {
  expect(withoutRepetition(override, { topology: 'warren' })).toEqual(kept);
});

describe('a password given as a secret', () => {
  const given = `config:
  rabbitmq-ha-kit:environment:
    topology: quorum-cluster
    definitions: { users: { shop: { password: given } } }
`;
  const key = 'rabbitmq-ha-kit:password-shop';

  test('stays on this machine, encrypted, and is known to every command', async () => {
    writeFileSync(file, given);
    await expect(loadStack(stack)).rejects.toThrow(`${key} is missing`);
    const entry = await enterWorkspace(stack);
    writeFileSync(workingFile(stack), `${given}  ${key}: { secure: v1:abc }\n`);
    await leaveWorkspace(stack, entry);
    expect(readFileSync(file, 'utf8')).toBe(given);
    const config = await loadStack(stack);
    expect(config.definitions.users['shop']).toMatchObject({ password: 'given' });
  });

  test('that nobody asks for any more is said', async () => {
    writeFileSync(file, given);
    await enterWorkspace(stack);
    writeFileSync(workingFile(stack), `${given}  ${key}: { secure: v1:abc }\n`);
    writeFileSync(file, given.replace('password: given', ''));
    await expect(loadStack(stack)).rejects.toThrow(`${key} is for no user that asks for it`);
  });
});
