import { drainQueues } from './ledger/drain.ts';
import { LedgerPublisher, type PublisherOptions } from './ledger/publisher.ts';
import { assertNothingLost, describe, judge, longestGap, type Verdict } from './ledger/verdict.ts';

export { LedgerPublisher } from './ledger/publisher.ts';
export { drainQueues } from './ledger/drain.ts';
export { assertNothingLost, describe, judge } from './ledger/verdict.ts';

/** What a fault cost a client that was publishing meanwhile. */
export interface Account {
  readonly verdict: Verdict;
  /** Milliseconds without a confirm, the longest such time. */
  readonly outageMs: number;
  /** How often the client lost its connection. */
  readonly reconnects: number;
}

type LedgerClient = PublisherOptions & {
  readonly minimumConfirmed: number;
  /** Times the usual limits of its waits: an emulated broker takes its time. */
  readonly patience?: number;
};

/** The client of most trials: a steady load, bounded, and enough of it for a verdict. */
export const steadyClient = (
  client: Pick<LedgerClient, 'uri' | 'queues' | 'file'> & Partial<LedgerClient>,
): LedgerClient => ({
  ratePerSecond: 100,
  maxMessages: 10_000,
  minimumConfirmed: 200,
  // So long that no heartbeat can be what tells the client.
  heartbeatSeconds: 60,
  ...client,
});

/**
 * Publishes while `disturb` runs, lets the client finish, reads the queues to their end and settles
 * the account.
 * @throws when a confirmed message is gone, or fewer than `minimumConfirmed` make no verdict.
 */
export async function publishDuring(
  options: LedgerClient,
  disturb: (publisher: LedgerPublisher) => Promise<void>,
): Promise<Account> {
  const publisher = new LedgerPublisher(options);
  const { patience = 1 } = options;
  try {
    await publisher.moreConfirms(50, 20_000 * patience);
    await disturb(publisher);
    await publisher.moreConfirms(50, 60_000 * patience);
  } finally {
    await publisher.finish(30_000 * patience);
  }
  return settle(publisher, options);
}

async function settle({ book }: LedgerPublisher, options: LedgerClient): Promise<Account> {
  const ended = book
    .entries()
    .reduce((last, { confirmedAt = 0 }) => Math.max(last, confirmedAt), 0);
  const { uri, queues, patience = 1 } = options;
  const received = await drainQueues({ uri, queues, deadlineMs: 60_000 * patience });
  const verdict = judge(book.entries(), received);
  assertNothingLost(verdict, options.minimumConfirmed);
  return {
    verdict,
    outageMs: Math.round(longestGap(book.entries(), ended)?.ms ?? 0),
    reconnects: book.events().filter(({ kind }) => kind === 'lost').length,
  };
}

/** One line for test output. */
export const describeAccount = (account: Account): string =>
  `outage ${account.outageMs} ms, ${account.reconnects} reconnects; ${describe(account.verdict)}`;
