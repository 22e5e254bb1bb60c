import { describe, expect, test } from 'vitest';

import { createProgress, duration } from '../../../scripts/lib/progress.ts';

/** A sink whose clock is turned by hand. */
function fakeSink(columns?: number) {
  let now = 0;
  let text = '';
  const sink = {
    write: (chunk: string) => void (text += chunk),
    columns: () => columns,
    now: () => now,
  };
  return { sink, text: () => text, pass: (ms: number) => void (now += ms) };
}

describe('plain lines', () => {
  test('a step is one line with its result and its time', async () => {
    const { sink, text, pass } = fakeSink();
    const value = await createProgress(sink).step(
      'Building',
      (say) => {
        say('soon');
        pass(2500);
        return Promise.resolve(7);
      },
      { result: (seven) => `made ${seven}` },
    );
    expect(value).toBe(7);
    expect(text()).toBe('done   Building: made 7 (2.5 s)\n');
  });

  test('a long step says what it is at, at most every 15 s', async () => {
    const { sink, text, pass } = fakeSink();
    await createProgress(sink).step('Building', (say) => {
      for (let second = 1; second <= 20; second += 1) {
        pass(1000);
        say(`part ${second}`);
      }
      return Promise.resolve();
    });
    expect(text()).toBe('...    Building (15 s) part 15\ndone   Building (20 s)\n');
  });

  test('a failure is marked and thrown on', async () => {
    const { sink, text } = fakeSink();
    const failing = createProgress(sink).step('Building', () => Promise.reject(new Error('no')));
    await expect(failing).rejects.toThrow('no');
    expect(text()).toBe('failed Building (0.0 s)\n');
  });
});

test('on a terminal the live line fits and is wiped before the final one', async () => {
  const { sink, text } = fakeSink(30);
  await createProgress(sink).step('Building', (say) => {
    say('a detail that is much longer than the terminal is wide');
    return Promise.resolve();
  });
  const lines = text().split('\r\u001b[K');
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(30);
  expect(lines.at(-1)).toBe('done   Building (0.0 s)\n');
});

test.each([
  [340, '0.3 s'],
  [9940, '9.9 s'],
  [9960, '10 s'],
  [59_400, '59 s'],
  [185_000, '3 min 5 s'],
])('%i ms reads %s', (milliseconds, expected) => {
  expect(duration(milliseconds)).toBe(expected);
});
