import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { LedgerBook } from '../../lib/ledger/book.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ledger-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

test('a message is on file before it is sent, and its confirm after', () => {
  const file = join(folder, 'ledger');
  const book = new LedgerBook(file);
  book.sending('a', 'orders');
  expect(readFileSync(file, 'utf8')).toMatch(/^\d+\.\d sending a\n$/);
  book.confirmed('a');
  book.close();
  expect(readFileSync(file, 'utf8')).toMatch(/confirmed a\n$/);
});

test('a retry keeps the message, a second confirm keeps the first time', () => {
  const book = new LedgerBook(join(folder, 'ledger'));
  book.sending('a', 'orders');
  book.sending('a', 'orders');
  book.confirmed('a');
  const [first] = book.entries();
  book.confirmed('a');
  expect(book.confirmedCount).toBe(1);
  expect(first?.sentAt).toHaveLength(2);
  expect(book.entries()).toEqual([first]);
  book.close();
});

test('a confirm for a message that was never entered is a fault', () => {
  const book = new LedgerBook(join(folder, 'ledger'));
  expect(() => {
    book.confirmed('x');
  }).toThrow('The broker confirmed x, which was never sent.');
  book.close();
});
