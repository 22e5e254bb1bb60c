import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { hear, sayWaits } from '../../../infra/rig-provider/say.ts';

const heard: string[] = [];

beforeEach(() => {
  heard.length = 0;
  hear((line) => void heard.push(line));
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
  hear((line) => void process.stderr.write(`${line}\n`));
});

test('a long wait is told, as often as it has changed, and what waits no more is not', async () => {
  await sayWaits(async (onWait) => {
    onWait('drbd-a', 'systemd is starting');
    onWait('drbd-b', 'systemd is starting');
    await vi.advanceTimersByTimeAsync(19_000);
    expect(heard).toEqual([]);
    await vi.advanceTimersByTimeAsync(1_000);
    const both = 'waiting  drbd-a: systemd is starting; drbd-b: systemd is starting';
    expect(heard).toEqual([both]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(heard).toEqual([both]);
    onWait('drbd-b', undefined);
    onWait('drbd-a', '0 of 1 known nodes run, 1 expected');
    await vi.advanceTimersByTimeAsync(20_000);
    expect(heard.slice(1)).toEqual(['waiting  drbd-a: 0 of 1 known nodes run, 1 expected']);
  });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(heard).toHaveLength(2);
});

test('work that fails is heard of no more', async () => {
  const work = sayWaits((onWait) => {
    onWait('drbd-a', 'systemd is starting');
    return Promise.reject(new Error('gave up'));
  });
  await expect(work).rejects.toThrow('gave up');
  expect(vi.getTimerCount()).toBe(0);
});
