import { setTimeout as pause } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';

import { probeMessage } from '../../infra/operations/amqp-probe.ts';
import { leftovers } from '../../infra/rig-provider/remains.ts';
import type { RunningCommand } from '../lib/rig/command.ts';
import { figure } from '../lib/rig/environments.ts';
import { RigStack } from '../lib/rig/stack.ts';
import { tracesOf } from '../lib/rig/traces.ts';
import { randomNumbers } from '../lib/random.ts';

/** `npm run sweep -- interrupts` sets both. */
const runs = Number(process.env['SWEEP_RUNS'] ?? 20);
const seed = Number(process.env['SWEEP_SEED'] ?? 1);
const random = randomNumbers(seed);

const stack = new RigStack('sweep-interrupts', { topology: 'quorum-cluster' });
const signals = ['SIGINT', 'SIGTERM', 'SIGKILL'] as const;
/** How long each verb took when it was left alone, in ms: moments are drawn from that. */
const usual = { up: 0, down: 0 };
let ports: readonly number[] = [];
let met = 0;

beforeAll(async () => {
  await stack.down();
  usual.up = (await stack.up()).tookMs;
  ports = await stack.localPorts();
  usual.down = (await stack.down()).tookMs;
  figure('seed', seed);
  figure('left alone, ms', `up ${usual.up}, down ${usual.down}`);
}, 600_000);

describe.each(Array.from({ length: runs }, (_, index) => index + 1))('interrupt %i', (run) => {
  const verb = run % 2 === 1 ? 'up' : 'down';
  const signal = signals[Math.floor(random() * signals.length)] ?? 'SIGKILL';
  const share = random();

  test(`${verb}, ${signal} after ${Math.round(share * 100)} % of the usual time`, async () => {
    const command = verb === 'up' ? stack.startUp() : stack.startDown();
    if (await interrupt(command, signal, share * usual[verb])) met += 1;
    const { code } = await command.result;
    figure(
      `${run}: ${verb} by ${signal} after ${Math.round(share * usual[verb])} ms`,
      String(code),
    );
    if (verb === 'up') await upIsClean();
    else await downIsClean();
  });
});

test('most of the interrupts met a command that was at work', () => {
  figure('interrupts that met a running command', `${met} of ${runs}`);
  expect(met).toBeGreaterThanOrEqual(Math.ceil(runs * 0.75));
});

test('nothing is left in the end', async () => {
  await stack.down();
  await nothingIsLeft();
});

/** @returns false when the command had ended before its moment came. */
async function interrupt(
  command: RunningCommand,
  signal: NodeJS.Signals,
  afterMs: number,
): Promise<boolean> {
  await Promise.race([pause(afterMs), command.result]);
  if (command.ended) return false;
  command.signal(signal);
  return true;
}

async function upIsClean(): Promise<void> {
  await stack.up();
  const { hosts, brokers } = await stack.status();
  expect(hosts.map(({ state }) => state)).toEqual(stack.plan().hosts.map(() => 'running'));
  expect(brokers.map(({ running }) => running)).toEqual([true, true, true]);
  const { amqpUri } = await stack.outputs();
  await probeMessage({ uri: amqpUri, deadlineMs: 20_000 });
}

async function downIsClean(): Promise<void> {
  await stack.down();
  await nothingIsLeft();
}

async function nothingIsLeft(): Promise<void> {
  expect(await leftovers(stack.name)).toEqual([]);
  expect(await tracesOf(stack, ports)).toEqual([]);
}
