import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { UserError } from '../../../infra/errors.ts';
import type { FoundStack } from '../../../infra/rig-provider/stacks/inventory.ts';
import type { StackRecord } from '../../../infra/rig-provider/stacks/registry.ts';

// Read when the modules are loaded.
const scratch = mkdtempSync(join(tmpdir(), 'rig-stacks-'));
const places = ['DISKS', 'RUN', 'STATE', 'REGISTRY'] as const;
for (const place of places) {
  vi.stubEnv(`RABBITMQ_HA_KIT_${place}`, join(scratch, place.toLowerCase()));
}
vi.stubEnv('PULUMI_BACKEND_URL', `file://${scratch}/state/backend`);
const { claimStack, forgetStackRecord, readStackRecord, stackRecords } =
  await import('../../../infra/rig-provider/stacks/registry.ts');
const { judgeStack } = await import('../../../infra/rig-provider/stacks/ownership.ts');
const { refuseTakenPorts } = await import('../../../infra/rig-provider/network/port-holder.ts');
const { diskUsage } = await import('../../../infra/rig-provider/stacks/usage.ts');

afterEach(() => {
  for (const folder of readdirSync(scratch)) {
    rmSync(join(scratch, folder), { recursive: true, force: true });
  }
});
afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
});

function write(path: string, content = '{}'): void {
  mkdirSync(dirname(join(scratch, path)), { recursive: true });
  writeFileSync(join(scratch, path), content);
}

const recordOf = (over: Partial<StackRecord> = {}): StackRecord => ({
  stack: 'one',
  backend: `file://${scratch}/other/backend`,
  stateDir: join(scratch, 'other'),
  disksDir: join(scratch, 'disks'),
  runDir: join(scratch, 'run'),
  since: '2026-01-01T00:00:00.000Z',
  ...over,
});
const found = (over: Partial<FoundStack> = {}): FoundStack => ({
  stack: 'one',
  record: recordOf(),
  folders: { disks: join(scratch, 'disks/one'), run: join(scratch, 'run/one') },
  topology: 'warren',
  hosts: [],
  running: true,
  ports: {},
  usedVolumes: [],
  pieces: ['folder'],
  ...over,
});

describe('the registry', () => {
  it('knows whose a stack is, since its first piece', () => {
    claimStack('one');
    const first = readStackRecord('one');
    expect(first).toMatchObject({
      stack: 'one',
      backend: `file://${scratch}/state/backend`,
      stateDir: join(scratch, 'state'),
    });
    claimStack('one');
    expect(readStackRecord('one')).toEqual(first);
    claimStack('two');
    expect(stackRecords().map(({ stack }) => stack)).toEqual(['one', 'two']);
    forgetStackRecord('one');
    expect(stackRecords().map(({ stack }) => stack)).toEqual(['two']);
  });

  it('follows a state that was moved, and keeps the date', () => {
    write('registry/one.json', JSON.stringify(recordOf()));
    claimStack('one');
    expect(readStackRecord('one')).toEqual({
      ...recordOf(),
      backend: `file://${scratch}/state/backend`,
      stateDir: join(scratch, 'state'),
    });
  });

  it('keeps no password of a backend', () => {
    vi.stubEnv('PULUMI_BACKEND_URL', 'https://user:secret@example.org');
    claimStack('one');
    expect(readStackRecord('one')?.backend).toBe('https://example.org');
    vi.stubEnv('PULUMI_BACKEND_URL', `file://${scratch}/state/backend`);
  });

  it('takes a damaged entry for none', () => {
    write('registry/one.json', '{"stack":');
    expect(stackRecords()).toEqual([]);
    claimStack('one');
    expect(stackRecords()).toHaveLength(1);
  });
});

describe('a stack is', () => {
  const inState = 'other/backend/.pulumi/stacks/rabbitmq-ha-kit/one.json';
  const locks = 'other/backend/.pulumi/locks/organization/rabbitmq-ha-kit/one';

  it('an orphan when the state that made it does not know it', async () => {
    expect(await judgeStack(found())).toMatchObject({ belonging: 'orphan' });
    expect(await judgeStack(found({ running: false }))).toMatchObject({ belonging: 'orphan' });
  });

  it('live while its state knows it, running or not, wherever that state is', async () => {
    write(inState);
    expect(await judgeStack(found())).toMatchObject({ belonging: 'live' });
    expect(await judgeStack(found({ running: false }))).toMatchObject({
      belonging: 'live',
    });
  });

  it('live when its state is compressed, or its backend has options', async () => {
    write(`${inState}.gz`);
    expect(await judgeStack(found())).toMatchObject({ belonging: 'live' });
    const record = { ...recordOf(), backend: `file://${scratch}/other/backend?no_tmp_dir=true` };
    expect(await judgeStack(found({ record }))).toMatchObject({ belonging: 'live' });
  });

  it('live when the state in use knows it: it may have been moved there', async () => {
    write('state/backend/.pulumi/stacks/rabbitmq-ha-kit/one.json');
    expect(await judgeStack(found())).toMatchObject({ belonging: 'live' });
    expect(await judgeStack(found({ record: undefined }))).toMatchObject({ belonging: 'live' });
  });

  it('changing while a living update holds its lock, and not when that was killed', async () => {
    const lock = { pid: process.pid, username: 'root', hostname: 'elsewhere', timestamp: '' };
    write(`${locks}/a.json`, JSON.stringify(lock));
    expect(await judgeStack(found())).toMatchObject({ belonging: 'changing' });
    // This process is no pulumi: the lock's own process is gone.
    write(`${locks}/a.json`, JSON.stringify({ ...lock, hostname: hostname() }));
    expect(await judgeStack(found())).toMatchObject({ belonging: 'orphan' });
  });

  it('changing when its down began a moment ago', async () => {
    write('other/departures/one.json');
    expect(await judgeStack(found())).toMatchObject({ belonging: 'changing' });
  });

  it('unknown when its backend cannot be looked at from here', async () => {
    const elsewhere = ['https://api.example.org', 'file://~', 'file://./state', undefined];
    for (const backend of elsewhere) {
      const record = { ...recordOf(), backend };
      expect(await judgeStack(found({ record }))).toMatchObject({ belonging: 'unknown' });
    }
  });

  it('unknown when it runs without an entry, an orphan when it does not', async () => {
    const running = found({ record: undefined });
    expect(await judgeStack(running)).toMatchObject({ belonging: 'unknown' });
    expect(await judgeStack({ ...running, running: false })).toMatchObject({ belonging: 'orphan' });
  });
});

describe('a stated port', () => {
  it('that a program has is refused before anything changes, with its name', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const refusal = await refuseTakenPorts('one', { amqp: port }).catch((error: unknown) => error);
    server.close();
    expect(refusal).toBeInstanceOf(UserError);
    expect((refusal as UserError).parts).toMatchObject({
      what: `loopback port ${port}, stated for amqp of one, is taken`,
      value: expect.stringContaining('by ') as string,
    });
    await new Promise((resolve) => server.once('close', resolve).unref());
    await refuseTakenPorts('one', { amqp: port });
  });
});

it('disk usage counts blocks, not holes', async () => {
  write('disks/one/file', 'x'.repeat(10_000));
  expect(await diskUsage(join(scratch, 'disks'))).toBeGreaterThanOrEqual(10_000);
  expect(await diskUsage(join(scratch, 'disks'))).toBeLessThan(100_000);
  expect(await diskUsage(join(scratch, 'nowhere'))).toBe(0);
});
