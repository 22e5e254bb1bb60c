import { describe, expect, test } from 'vitest';

import { doneWhen, type Look, waitFor } from '../../infra/wait.ts';

const options = { subject: 'broker-1 to answer', deadlineMs: 40, intervalMs: 5 };

describe('a wait', () => {
  test('gives what its look found, and tells what was seen meanwhile once each', async () => {
    const looks: Look<number>[] = [
      { seen: 'starting' },
      { seen: 'starting' },
      { seen: 'almost' },
      { done: true, value: 7 },
    ];
    const seen: string[] = [];
    const found = await waitFor(() => looks.shift() ?? { failed: new Error('looked too often') }, {
      ...options,
      deadlineMs: 5_000,
      onSeen: (text) => seen.push(text),
    });
    expect(found).toBe(7);
    expect(seen).toEqual(['starting', 'almost']);
  });

  test('says at its deadline what it waited for and saw last', async () => {
    await expect(waitFor(() => doneWhen(false, 'nothing'), options)).rejects.toThrow(
      'gave up waiting for broker-1 to answer after 40 ms; last seen: nothing',
    );
  });

  test('takes a throw for "not yet", and keeps it as the cause', async () => {
    const cause = new Error('connection refused');
    const wait = waitFor(() => Promise.reject(cause), options);
    await expect(wait).rejects.toMatchObject({
      message: 'gave up waiting for broker-1 to answer after 40 ms; last seen: connection refused',
      cause,
    });
  });

  test('ends at once when its look says that it never will be', async () => {
    const failed = new Error('it ended');
    const began = performance.now();
    await expect(waitFor(() => ({ failed }), { ...options, deadlineMs: 60_000 })).rejects.toBe(
      failed,
    );
    expect(performance.now() - began).toBeLessThan(10_000);
  });

  test('ends when it is aborted', async () => {
    const abort = new AbortController();
    const look = (): Look<never> => {
      abort.abort(new Error('interrupted'));
      return { seen: 'not yet' };
    };
    const wait = waitFor(look, { ...options, deadlineMs: 60_000, signal: abort.signal });
    await expect(wait).rejects.toThrow('interrupted');
  });
});
