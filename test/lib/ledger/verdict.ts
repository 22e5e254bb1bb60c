import type { LedgerEntry } from './book.ts';

export interface Verdict {
  readonly sent: number;
  readonly confirmed: number;
  /** Distinct messages of the ledger that were read back. */
  readonly received: number;
  /** Confirmed by the broker and gone: the promise was broken. */
  readonly lost: readonly string[];
  /** Copies beyond the first; a retry after a lost confirm makes them, and that is allowed. */
  readonly duplicates: number;
  /** Read back without ever having been sent. */
  readonly unknown: readonly string[];
  /** Never confirmed and yet there: allowed. */
  readonly unconfirmedReceived: number;
}

/** Compares what the client was promised with what the queues held. */
export function judge(entries: readonly LedgerEntry[], received: readonly string[]): Verdict {
  const known = new Map(entries.map((entry) => [entry.id, entry]));
  const distinct = new Set(received.filter((id) => known.has(id)));
  const confirmed = entries.filter((entry) => entry.confirmedAt !== undefined);
  const copies = received.filter((id) => known.has(id)).length;
  return {
    sent: entries.length,
    confirmed: confirmed.length,
    received: distinct.size,
    lost: confirmed.filter((entry) => !distinct.has(entry.id)).map((entry) => entry.id),
    duplicates: copies - distinct.size,
    unknown: [...new Set(received.filter((id) => !known.has(id)))],
    unconfirmedReceived: [...distinct].filter((id) => known.get(id)?.confirmedAt === undefined)
      .length,
  };
}

/**
 * @throws when a confirmed message is gone, when a message came from nowhere, or when so few were
 * confirmed that the verdict would mean nothing.
 */
export function assertNothingLost(verdict: Verdict, minimumConfirmed: number): void {
  const faults = [
    verdict.lost.length > 0 &&
      `${verdict.lost.length} confirmed and gone (${sample(verdict.lost)})`,
    verdict.unknown.length > 0 &&
      `${verdict.unknown.length} never sent (${sample(verdict.unknown)})`,
    verdict.confirmed < minimumConfirmed &&
      `only ${verdict.confirmed} confirmed, ${minimumConfirmed} are needed for a verdict`,
  ].filter((fault) => fault !== false);
  if (faults.length > 0) throw new Error(`${faults.join('; ')}. ${describe(verdict)}`);
}

/** One line for test output. */
export function describe(verdict: Verdict): string {
  return (
    `sent ${verdict.sent}, confirmed ${verdict.confirmed}, read back ${verdict.received}, ` +
    `lost ${verdict.lost.length}, duplicates ${verdict.duplicates}, ` +
    `unknown ${verdict.unknown.length}, unconfirmed but there ${verdict.unconfirmedReceived}`
  );
}

export interface Gap {
  /** Milliseconds without a confirm. */
  readonly ms: number;
  /** When it began, in the ledger's milliseconds. */
  readonly from: number;
}

/**
 * The longest time without a confirm between the first confirm and `until`: the outage as a client
 * saw it. Undefined when nothing was ever confirmed.
 */
export function longestGap(entries: readonly LedgerEntry[], until: number): Gap | undefined {
  const times = entries
    .map((entry) => entry.confirmedAt)
    .filter((time) => time !== undefined)
    .sort((a, b) => a - b);
  const gaps = times.map((from, index) => ({ from, ms: (times[index + 1] ?? until) - from }));
  return gaps.reduce<Gap | undefined>(
    (longest, gap) => (longest === undefined || gap.ms > longest.ms ? gap : longest),
    undefined,
  );
}

const sample = (ids: readonly string[]): string =>
  ids.slice(0, 5).join(', ') + (ids.length > 5 ? ', ...' : '');
