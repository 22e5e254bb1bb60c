import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { assertNothingLost, drainQueues, judge, LedgerPublisher } from '../lib/ledger.ts';
import { randomNumbers } from '../lib/random.ts';
import { figure, ledgerFile, replicated as stack } from '../lib/rig/environments.ts';
import { powerOff } from '../lib/rig/faults.ts';
import { bringBack, brokerHost, otherHost, takeOverMs } from '../lib/rig/replicated.ts';
import { Users } from '../lib/rig/users.ts';

/** `npm run sweep -- power-cuts` sets both. */
const runs = Number(process.env['SWEEP_RUNS'] ?? 20);
const seed = Number(process.env['SWEEP_SEED'] ?? 1);
const random = randomNumbers(seed);
/** From the client's first step to the cut, at most: what was just declared is in no file for good yet. */
const windowMs = 6_000;
let uri = '';

beforeAll(async () => {
  await stack.down();
  await stack.up();
  uri = (await stack.outputs()).amqpUri;
  figure('seed', seed);
}, 1_800_000);

afterAll(async () => {
  await stack.down();
}, 300_000);

describe.each(Array.from({ length: runs }, (_, index) => index + 1))('power cut %i', (run) => {
  const afterMs = Math.round(random() * windowMs);
  const queues = [1, 2, 3].map((each) => `cut.${run}.${each}`);

  test(`${afterMs} ms after a client began to declare queues and users`, async () => {
    const host = await brokerHost();
    const publisher = new LedgerPublisher({
      ...{ uri, queues, file: ledgerFile(`power-cut-${run}`), ratePerSecond: 20 },
      ...{ maxMessages: 20_000, heartbeatSeconds: 60 },
    });
    const users = new Users(stack, `cut-${run}`);
    try {
      const making = users.make(host);
      await pause(afterMs);
      await powerOff(stack, [host]);
      const cut = performance.now();
      await making;
      const before = publisher.book.confirmedCount;
      await publisher.moreConfirms(30, takeOverMs);
      const outageMs = Math.round(performance.now() - cut);
      figure(
        `${run}: after ${afterMs} ms`,
        `${before} messages and ${users.made.length} users confirmed before the cut, served again ${outageMs} ms after it`,
      );
    } finally {
      await publisher.finish(60_000);
    }
    expect(await users.on(otherHost(host))).toEqual(expect.arrayContaining(users.made));
    const entries = publisher.book.entries();
    assertNothingLost(judge(entries, await drainQueues({ uri, queues, deadlineMs: 120_000 })), 30);
    await bringBack();
  });
});
