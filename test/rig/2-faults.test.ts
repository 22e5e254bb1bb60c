import { beforeAll, expect, test } from 'vitest';

import { waitFor } from '../../infra/wait.ts';
import {
  describeAccount,
  type LedgerPublisher,
  publishDuring,
  steadyClient,
} from '../lib/ledger.ts';
import { brokerOf } from '../lib/rig/clients.ts';
import { brokersAreWhole, figure, ledgerFile, quorum as stack } from '../lib/rig/environments.ts';
import { freezeProgram, killProgram, pidsOf, signalProgram } from '../lib/rig/faults.ts';
import {
  cutOff,
  oneHolderStays,
  otherBalancer,
  proveCutOff,
  reconnect,
  vipHolder,
  vipMovesTo,
} from '../lib/rig/network.ts';

const brokers = stack.hosts('broker');
/** One a broker, so that whichever dies leads one of them. */
const queues = ['rig.ledger-1', 'rig.ledger-2', 'rig.ledger-3'];
let uri = '';

beforeAll(async () => {
  await stack.up();
  uri = (await stack.outputs()).amqpUri;
}, 300_000);

const client = (name: string) => steadyClient({ uri, queues, file: ledgerFile(name) });

test('a broker killed with -9 costs no confirmed message, and comes back by itself', async () => {
  let victim = '';
  const account = await publishDuring(client('broker-killed'), async (publisher) => {
    victim = await brokerOf(stack, publisher.connectionName);
    const before = await pidsOf(stack, victim, 'beam.smp');
    await killProgram(stack, victim, 'beam.smp');
    await waitFor(
      async () => {
        const now = await pidsOf(stack, victim, 'beam.smp');
        const fresh = now.some((pid) => !before.includes(pid));
        return fresh ? { done: true, value: true } : { seen: `processes ${now.join(' ')}` };
      },
      { subject: `a new broker process on ${victim}`, deadlineMs: 30_000, intervalMs: 100 },
    );
    await brokersAreWhole(stack, brokers, 90_000);
    await publisher.moreConfirms(100, 30_000);
  });
  figure(`broker killed (${victim})`, describeAccount(account));
  expect(account.reconnects).toBeGreaterThan(0);
  const { brokers: now } = await stack.status();
  expect(now.map(({ running, partitions }) => ({ running, partitions }))).toEqual(
    brokers.map(() => ({ running: true, partitions: [] })),
  );
});

test('the VIP holder cut off: the address moves, old connections are reset, nothing is lost', async () => {
  const holder = await vipHolder(stack);
  const successor = otherBalancer(stack, holder);
  let noticedMs = 0;
  try {
    const account = await publishDuring(client('holder-cut-off'), async (publisher) => {
      await cutOff(stack, holder, 5672);
      const cutAt = publisher.book.now();
      figure('VIP moved after, ms', await vipMovesTo(stack, successor, 15_000));
      await proveCutOff(stack, holder, 5672);
      noticedMs = await lostSince(publisher, cutAt);
      await publisher.moreConfirms(200, 30_000);
    });
    figure('holder cut off', describeAccount(account));
    figure('client told by a reset after, ms', Math.round(noticedMs));
    // A reset answers the first packet that reaches the new holder: the client's own resending
    // decides when, and backs off to seconds at most in that time.
    expect(noticedMs).toBeLessThan(15_000);
    expect(account.reconnects).toBeGreaterThan(0);
  } finally {
    await reconnect(stack, holder);
  }
  await oneHolderStays(stack, { forMs: 3_000, deadlineMs: 30_000 });
});

test('HAProxy killed with -9 gives the address up', async () => {
  const holder = await vipHolder(stack);
  const successor = otherBalancer(stack, holder);
  const account = await publishDuring(client('haproxy-killed'), async (publisher) => {
    const moved = vipMovesTo(stack, successor, 15_000);
    await killProgram(stack, holder, 'haproxy');
    figure('VIP moved after the kill, ms', await moved);
    await publisher.moreConfirms(200, 30_000);
  });
  figure('haproxy killed', describeAccount(account));
  expect(account.reconnects).toBeGreaterThan(0);
  expect(await oneHolderStays(stack, { forMs: 3_000, deadlineMs: 30_000 })).toBe(successor);
});

test('a frozen HAProxy gives the address up, and does not take it back when it thaws', async () => {
  const holder = await vipHolder(stack);
  const successor = otherBalancer(stack, holder);
  const account = await publishDuring(client('haproxy-frozen'), async (publisher) => {
    await freezeProgram(stack, holder, 'haproxy');
    try {
      figure('VIP moved after the freeze, ms', await vipMovesTo(stack, successor, 15_000));
      await publisher.moreConfirms(200, 60_000);
    } finally {
      await signalProgram(stack, holder, 'haproxy', 'CONT');
    }
  });
  figure('haproxy frozen', describeAccount(account));
  expect(await oneHolderStays(stack, { forMs: 3_000, deadlineMs: 30_000 })).toBe(successor);
});

/** Milliseconds from a moment of the ledger until the client saw its connection break. */
async function lostSince(publisher: LedgerPublisher, moment: number): Promise<number> {
  return waitFor(
    () => {
      const lost = publisher.book.events().find(({ at, kind }) => kind === 'lost' && at >= moment);
      return Promise.resolve(
        lost === undefined
          ? { seen: 'the client still believes in its connection' }
          : { done: true as const, value: lost.at - moment },
      );
    },
    { subject: 'the client to be told', deadlineMs: 30_000, intervalMs: 50 },
  );
}
