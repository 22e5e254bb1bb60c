import { afterAll, beforeAll, expect, test } from 'vitest';

import { publishDuring, steadyClient } from '../lib/ledger.ts';
import { brokerOf } from '../lib/rig/clients.ts';
import {
  answersOnTheWay,
  brokerIs,
  connectAll,
  loseHolder,
  noTraces,
  packetsOf,
  shares,
  tracesOn,
} from '../lib/rig/directors.ts';
import { holderOf } from '../lib/rig/director-loss.ts';
import { figure, ledgerFile } from '../lib/rig/environments.ts';
import { freezeProgram, signalProgram } from '../lib/rig/faults.ts';
import { fetchOverNarrowLink, narrowNetwork } from '../lib/rig/narrow-link.ts';
import { RigStack } from '../lib/rig/stack.ts';

/** One environment for every mode whose brokers can be containers: only its settings change. */
const config = (lvsKeepalived: object) => ({
  topology: 'quorum-cluster',
  network: { placement: 'flat', clients: [narrowNetwork] },
  frontEnd: 'lvs-keepalived',
  lvsKeepalived,
});
const upMs = 600_000;
const stack = new RigStack('test-lvs', config({ mode: 'dr' }), 2.5);
const brokers = stack.hosts('broker');
/** Whom the rig's own clients connect as. */
const client = ['10.77.0.1'];
let uri = '';

async function bringUp(lvsKeepalived: object): Promise<void> {
  stack.configure(config(lvsKeepalived));
  const { tookMs } = await stack.up();
  figure(`up with ${JSON.stringify(lvsKeepalived)}, ms`, tookMs);
}

beforeAll(async () => {
  await bringUp({ mode: 'dr' });
  uri = (await stack.outputs()).amqpUri;
}, upMs + 60_000);

afterAll(async () => {
  await stack.down();
}, 120_000);

test('dr: brokers serve clients, whose answers no director sees', async () => {
  expect(await answersOnTheWay(stack, uri, client)).toBe(0);
  expect((await packetsOf(stack, await holderOf(stack))).answers).toBe(0);
});

test('dr: what a router says of the way to a client reaches the broker that answers it', async () => {
  const page = `http://${stack.virtualAddress}:15672/js/main.js`;
  expect(await fetchOverNarrowLink(stack, page)).toBeGreaterThan(20_000);
});

test('a broker that hangs is taken out, its clients are told, and it is back once it works', async () => {
  const queues = ['rig.directed-1'];
  const steady = steadyClient({ uri, queues, file: ledgerFile('lvs-broker-hangs') });
  const account = await publishDuring(steady, async (publisher) => {
    const victim = await brokerOf(stack, publisher.connectionName);
    await freezeProgram(stack, victim, 'beam.smp');
    try {
      await brokerIs(stack, victim, 'DOWN');
      await publisher.moreConfirms(100, 60_000);
    } finally {
      await signalProgram(stack, victim, 'beam.smp', 'CONT');
    }
    await brokerIs(stack, victim, 'UP');
    // What clients had sent to it while it stood still it publishes now: copies, which belong to this account.
    await stack.untilHealthy(60_000);
  });
  expect(account.reconnects).toBeGreaterThan(0);
  expect(Math.min(...shares(stack, await connectAll(stack, uri, 6)))).toBeGreaterThan(0);
});

test('dr: an established connection goes on while its director hands the address over', async () => {
  const stopped: string[] = [];
  const leave = async (holder: string): Promise<void> => {
    stopped.push(holder);
    await stack.run(holder, ['systemctl', 'stop', 'keepalived']);
  };
  try {
    const { lost } = await loseHolder(stack, uri, { name: 'dr, stop', told: true, leave });
    expect(lost).toBe(0);
  } finally {
    for (const host of stopped) await stack.run(host, ['systemctl', 'start', 'keepalived']);
  }
});

test('dr: an established connection goes on without the director that led it', async () => {
  const { lost } = await loseHolder(stack, uri, { name: 'dr', told: true });
  expect(lost).toBe(0);
});

test(
  'nat without source NAT: the lost director heals, answers pass the holder, connections survive',
  async () => {
    await bringUp({ mode: 'nat', sourceNat: false });
    expect(await answersOnTheWay(stack, uri, client)).toBeGreaterThan(0);
    const { lost } = await loseHolder(stack, uri, { name: 'nat without SNAT', told: true });
    expect(lost).toBe(0);
  },
  upMs,
);

test(
  'nat: brokers see a director as their client, and nothing is left on them of being real servers',
  async () => {
    await bringUp({ mode: 'nat' });
    const directors = stack.hosts('balancer').map((host) => stack.addressOf(host));
    expect(await answersOnTheWay(stack, uri, directors)).toBeGreaterThan(0);
    for (const host of brokers) expect(await tracesOn(stack, host)).toBe(noTraces);
    const { lost } = await loseHolder(stack, uri, { name: 'nat', told: false });
    expect(lost).toBeGreaterThan(0);
  },
  upMs,
);
