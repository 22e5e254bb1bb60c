import { describe as suite, expect, test } from 'vitest';

import type { LedgerEntry } from '../../lib/ledger/book.ts';
import { assertNothingLost, judge, longestGap } from '../../lib/ledger/verdict.ts';

const entry = (id: string, confirmedAt?: number): LedgerEntry => ({
  id,
  queue: 'orders',
  sentAt: [0],
  confirmedAt,
});
const book = [entry('a', 10), entry('b', 30), entry('c'), entry('d', 1000)];

suite('the verdict', () => {
  test('is clean when every confirmed message came back', () => {
    const verdict = judge(book, ['a', 'b', 'd']);
    expect(verdict).toEqual({
      sent: 4,
      confirmed: 3,
      received: 3,
      lost: [],
      duplicates: 0,
      unknown: [],
      unconfirmedReceived: 0,
    });
    expect(() => {
      assertNothingLost(verdict, 3);
    }).not.toThrow();
  });

  test('fails for a confirmed message that is gone, and names it', () => {
    const verdict = judge(book, ['a', 'd', 'c']);
    expect(verdict.lost).toEqual(['b']);
    expect(() => {
      assertNothingLost(verdict, 1);
    }).toThrow(/1 confirmed and gone \(b\)/);
  });

  test('fails for a message that nobody sent', () => {
    const verdict = judge(book, ['a', 'b', 'd', 'x', 'x']);
    expect(verdict.unknown).toEqual(['x']);
    expect(() => {
      assertNothingLost(verdict, 1);
    }).toThrow(/1 never sent \(x\)/);
  });

  test('counts copies and unconfirmed arrivals and allows them', () => {
    const verdict = judge(book, ['a', 'a', 'b', 'c', 'c', 'c', 'd']);
    expect(verdict).toMatchObject({ duplicates: 3, unconfirmedReceived: 1, received: 4, lost: [] });
    expect(() => {
      assertNothingLost(verdict, 3);
    }).not.toThrow();
  });

  test('means nothing when hardly anything was confirmed', () => {
    expect(() => {
      assertNothingLost(judge([], []), 1);
    }).toThrow(/only 0 confirmed, 1 are needed/);
  });
});

suite('the longest gap', () => {
  test('lies between confirms, in their own order', () => {
    expect(longestGap([entry('d', 1000), ...book], 1000)).toEqual({ from: 30, ms: 970 });
  });

  test('reaches to the end when confirms stopped', () => {
    expect(longestGap(book, 5000)).toEqual({ from: 1000, ms: 4000 });
  });

  test('is unknown without a confirm', () => {
    expect(longestGap([entry('c')], 5000)).toBeUndefined();
  });
});
