import { describe, expect, it } from 'vitest';
import { Turns } from '../../../infra/rig-provider/turns.ts';

/** Replaces the hosts as the engine would: all at once. Returns what happened, in order. */
async function replaceAll(
  hosts: readonly string[],
  { failing, down }: { readonly failing?: string; readonly down?: string } = {},
): Promise<string[]> {
  const turns = new Turns(0);
  const events: string[] = [];
  const pass =
    (event: string, fails = false) =>
    async (): Promise<void> => {
      events.push(event);
      await Promise.resolve();
      if (fails) throw new Error('no boot');
    };
  const replace = async (host: string): Promise<void> => {
    await turns.take(host);
    await turns.step(host, pass(`delete ${host}`), 'first');
    expect(turns.holds(host)).toBe(true);
    await turns.step(host, pass(`create ${host}`, host === failing), 'last');
  };
  for (const host of hosts) turns.announce(host, host === down ? 'stopped' : 'running');
  const ends = await Promise.allSettled(hosts.map(replace));
  for (const end of ends) if (end.status === 'rejected') events.push(String(end.reason));
  return events;
}

describe('replacements', () => {
  it('happen one host at a time', async () => {
    expect(await replaceAll(['a', 'b'])).toEqual(['delete a', 'create a', 'delete b', 'create b']);
  });

  it('begin with a host that is down: the others are needed until it is back', async () => {
    expect(await replaceAll(['a', 'b'], { down: 'b' })).toEqual([
      'delete b',
      'create b',
      'delete a',
      'create a',
    ]);
  });

  it('begin once all are known', async () => {
    const turns = new Turns(100);
    turns.announce('a', 'running');
    const first = turns.take('a').then(() => 'a');
    turns.announce('b', 'stopped');
    const second = turns.take('b').then(() => 'b');
    expect(await Promise.race([first, second])).toBe('b');
    await turns.step('b', () => Promise.resolve(), 'last');
    expect(await first).toBe('a');
  });

  it('end with the first that fails: the others stay as they are', async () => {
    expect(await replaceAll(['a', 'b', 'c'], { failing: 'a' })).toEqual([
      'delete a',
      'create a',
      'Error: no boot',
      'Error: b is not replaced: the replacement of a failed',
      'Error: c is not replaced: the replacement of a failed',
    ]);
  });

  it('end when a host that was taken away is not made anew: the engine was interrupted', async () => {
    const turns = new Turns(0, 100);
    for (const host of ['a', 'b']) turns.announce(host, 'running');
    await turns.take('a');
    await turns.step('a', () => Promise.resolve(), 'first');
    await expect(turns.take('b')).rejects.toThrow('a was taken away and is not made anew');
  });

  it('wait for one that takes its time to be made anew', async () => {
    const turns = new Turns(0, 100);
    for (const host of ['a', 'b']) turns.announce(host, 'running');
    await turns.take('a');
    await turns.step('a', () => Promise.resolve(), 'first');
    const next = turns.take('b');
    await turns.step('a', () => new Promise((resolve) => setTimeout(resolve, 300)), 'last');
    await next;
    expect(turns.holds('b')).toBe(true);
  });

  it('are what was announced, and nothing else', () => {
    const turns = new Turns();
    turns.announce('a', 'running');
    expect([turns.isAnnounced('a'), turns.isAnnounced('b')]).toEqual([true, false]);
  });
});
