import { afterAll, beforeAll, expect, test } from 'vitest';

import {
  answersOnTheWay,
  loseHolder,
  noTraces,
  packetsOf,
  tracesOn,
} from '../lib/rig/directors.ts';
import { holderOf } from '../lib/rig/director-loss.ts';
import { figure } from '../lib/rig/environments.ts';
import { RigStack } from '../lib/rig/stack.ts';

/** In three subnets. Brokers need tunnels, and are machines where this kernel has none: three at once. */
const patience = 6;
const stack = new RigStack(
  'test-lvs-tun',
  { topology: 'quorum-cluster', frontEnd: 'lvs-keepalived', lvsKeepalived: { mode: 'tun' } },
  patience,
);
let uri = '';

beforeAll(async () => {
  await stack.down();
  const { tookMs } = await stack.up();
  figure('up with tunnels, ms', tookMs);
  uri = (await stack.outputs()).amqpUri;
}, 1_800_000);

afterAll(async () => {
  await stack.down();
}, 300_000);

test('tun: brokers of other subnets serve clients, whose answers no director sees', async () => {
  expect(await answersOnTheWay(stack, uri, ['10.77.0.1'])).toBe(0);
  expect((await packetsOf(stack, await holderOf(stack))).answers).toBe(0);
});

test('tun: an established connection goes on without the director that led it', async () => {
  const { lost } = await loseHolder(stack, uri, {
    ...{ name: 'tun', told: true, ratePerSecond: 20, patience },
  });
  expect(lost).toBe(0);
});

test('a broker that is no real server any more is as if it never had been one', async () => {
  const [host = ''] = stack.hosts('broker');
  expect(await tracesOn(stack, host)).toContain('tunnels: 1');
  await stack.run(host, ['systemctl', 'stop', 'real-server']);
  expect(await tracesOn(stack, host)).toBe(noTraces);
});
