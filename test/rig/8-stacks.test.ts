import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { leftovers } from '../../infra/rig-provider/remains.ts';
import { probeMessage } from '../../infra/operations/amqp-probe.ts';
import {
  assertNothingLost,
  describeAccount,
  drainQueues,
  judge,
  LedgerPublisher,
  publishDuring,
  steadyClient,
} from '../lib/ledger.ts';
import { mustRun, runCommand } from '../lib/rig/command.ts';
import { direct as first, figure, ledgerFile, second } from '../lib/rig/environments.ts';
import { emptyVolume, plantOrphan, removeEntry } from '../lib/rig/orphan.ts';
import { reboot } from '../lib/rig/reboot.ts';
import type { Outputs } from '../lib/rig/stack.ts';
import { tracesOf } from '../lib/rig/traces.ts';

const stacks = [first, second];
const orphan = 'test-orphan';
let outputs: readonly Outputs[];

beforeAll(async () => {
  // At once, as two users of one machine would.
  await Promise.all(stacks.map((stack) => stack.up()));
  outputs = await Promise.all(stacks.map((stack) => stack.outputs()));
}, 400_000);

afterAll(async () => {
  await Promise.all(stacks.map((stack) => stack.down()));
  expect(await tracesOf(first, [])).toEqual([]);
}, 240_000);

interface Listed {
  readonly stack: string;
  readonly belonging: string;
  readonly topology: string;
  readonly hosts: readonly { readonly name: string; readonly running: boolean }[];
  readonly memoryBytes: number;
  readonly ports: Readonly<Record<string, number>>;
  readonly stateDir: string;
}

async function list(...names: string[]): Promise<Listed[]> {
  const { stdout } = await mustRun(['rig', '--json', 'list', ...names], 60_000);
  return JSON.parse(stdout) as Listed[];
}

test('stacks with the same network live side by side, and are listed with what they take', async () => {
  expect(first.plan().networks).toEqual(second.plan().networks);
  const listed = await list(first.name, second.name);
  for (const [index, stack] of stacks.entries()) {
    const found = listed.find((one) => one.stack === stack.name);
    expect(found).toMatchObject({
      belonging: 'live',
      stateDir: process.env['RABBITMQ_HA_KIT_STATE'],
      topology: stack.plan().topology,
      hosts: stack.plan().hosts.map(({ name }) => ({ name, running: true })),
    });
    expect(found?.memoryBytes).toBeGreaterThan(50 * 1024 ** 2);
    const ports = outputs[index]?.servers['amqp']?.map(({ address }) => address.split(':')[1]);
    expect(Object.values(found?.ports ?? {}).map(String)).toEqual(
      expect.arrayContaining(ports ?? []),
    );
  }
});

test('a stated port that another stack has is refused, and nothing has changed', async () => {
  const [taken] = await first.localPorts();
  const before = second.leaders(second.hosts('broker'));
  const config = { topology: 'warren', frontEnd: 'direct' };
  second.configure({ ...config, rig: { ports: { 'amqp/rabbit-a': taken } } });
  const { code, stderr } = await second.tryUp();
  second.configure(config);
  expect(code).toBe(1);
  expect(stderr).toMatch(
    new RegExp(`port ${taken ?? 0}, .* is taken: by amqp/\\S+ of stack ${first.name}`),
  );
  expect(second.leaders(second.hosts('broker'))).toEqual(before);
});

describe('gc', () => {
  const collect = async (...options: string[]) =>
    mustRun(['rig', 'gc', ...options, orphan, first.name], 60_000);

  test('shows an orphan piece by piece, keeps what may hold messages, then removes all of it', async () => {
    const alive = first.leaders(first.hosts('broker'));
    await plantOrphan(orphan);
    const shown = await collect();
    for (const piece of [
      /process \d+ in /,
      /control group /,
      /network namespace rmqha-test-orphan$/m,
    ]) {
      expect((await collect('--discard-messages')).stdout).toMatch(piece);
    }
    expect(shown.stdout).toMatch(new RegExp(`keeping ${orphan}: .*may hold messages`));
    await collect('--yes');
    expect((await leftovers(orphan)).length).toBeGreaterThanOrEqual(8);

    emptyVolume(orphan);
    const { stdout } = await collect('--yes');
    for (const kind of ['namespace rmqha-test-orphan@lost', 'mount ', 'loop device ', 'folder ']) {
      expect(stdout).toContain(kind);
    }
    expect(stdout).toContain(`keeping ${first.name}: live`);
    expect(await leftovers(orphan)).toEqual([]);
    expect((await list()).map(({ stack }) => stack)).not.toContain(orphan);
    expect(first.leaders(first.hosts('broker'))).toEqual(alive);
  });

  test('leaves what runs and has no entry to who knows whose it is', async () => {
    const pid = await plantOrphan(orphan);
    emptyVolume(orphan);
    removeEntry(orphan);
    expect((await collect('--yes')).stdout).toContain(`keeping ${orphan}: unknown`);
    process.kill(pid, 'SIGKILL');
    await collect('--yes');
    expect(await leftovers(orphan)).toEqual([]);
  });
});

test('the machine reboots: up brings the stack back with every confirmed message', async () => {
  const [, { amqpUri: uri, endpoints }] = outputs as [Outputs, Outputs];
  const queues = ['rig.rebooted'];
  const file = ledgerFile('rebooted');
  const publisher = new LedgerPublisher({
    uri,
    queues,
    file,
    ratePerSecond: 200,
    maxMessages: 300,
  });
  await publisher.moreConfirms(300, 30_000);
  await publisher.finish(10_000);
  await reboot(second);
  const [dead] = await list(second.name);
  expect(dead).toMatchObject({ belonging: 'live', ports: {} });
  expect(dead?.hosts.map(({ running }) => running)).toEqual([false, false]);
  const gone = await runCommand(['down', '--stack', second.name], 60_000);
  expect(gone.code).toBe(1);
  expect(gone.stderr).toMatch(/nobody knows which messages its queues hold/);

  const { tookMs } = await second.up();
  figure('up after a reboot, ms', tookMs);
  expect((await second.outputs()).endpoints).toEqual(endpoints);
  await probeMessage({ uri, deadlineMs: 20_000 });
  const received = await drainQueues({ uri, queues, deadlineMs: 30_000 });
  assertNothingLost(judge(publisher.book.entries(), received), 300);
});

test('one stack is destroyed while a client works on the other: it does not notice', async () => {
  const [{ amqpUri: uri, amqpUris: uris }] = outputs as [Outputs];
  const client = steadyClient({ uri, uris, queues: ['rig.beside'], file: ledgerFile('beside') });
  const ports = await second.localPorts();
  const account = await publishDuring(client, async (publisher) => {
    await second.down();
    await publisher.moreConfirms(100, 30_000);
  });
  figure('the other stack destroyed', describeAccount(account));
  expect(account.reconnects).toBe(0);
  expect(await leftovers(second.name)).toEqual([]);
  expect(await tracesOf(second, ports)).toEqual([]);
});

test('what reboots and is not wanted any more is taken down as it lies', async () => {
  await reboot(first);
  const { tookMs } = await first.down();
  figure('down after a reboot, ms', tookMs);
  expect(await leftovers(first.name)).toEqual([]);
});
