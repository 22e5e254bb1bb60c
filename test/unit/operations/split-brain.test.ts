import { describe, expect, it } from 'vitest';
import type { ClusterAnswer } from '../../../infra/operations/cluster/answers.ts';
import {
  parseGenerations,
  relationOf,
} from '../../../infra/operations/cluster/split-brain/generations.ts';
import { whyNotRecover } from '../../../infra/operations/cluster/split-brain/refusals.ts';
import {
  type Side,
  situationOf,
  surveySides,
  weighSide,
} from '../../../infra/operations/cluster/split-brain/survey.ts';
import { both, environment, live, saying, wroteOnA, wroteOnB } from './split-hosts.ts';

const common = 'C0DE00000000000A:0000000000000000:AAAAAAAAAAAAAAA0:0000000000000004:1:1:0:1:0:0:0';
const strange = '9999999999999998:0000000000000000:8888888888888888:0000000000000000:1:1:0:1:0:0:0';

function side(host: string, gi: string, answer: ClusterAnswer | undefined = saying(host)): Side {
  return { host, answer, generations: parseGenerations(gi), trouble: undefined };
}
const pair = (a: Side, b: Side): [Side, Side] => [a, b];
const split = () => pair(side('drbd-a', wroteOnA), side('drbd-b', wroteOnB));
describe('generations of two copies', () => {
  const relation = (first: string, second: string) => {
    const [a, b] = [parseGenerations(first), parseGenerations(second)];
    return a && b && relationOf(a, b);
  };

  it.each([
    ['same', common, common],
    // The role of the host is in the lowest bit.
    ['same', common, common.replace('00A:', '00B:')],
    ['first-is-newer', wroteOnA, common],
    ['second-is-newer', common, wroteOnB],
    ['split', wroteOnA, wroteOnB],
    ['unrelated', wroteOnA, strange],
  ])('are %s', (expected, first, second) => {
    expect(relation(first, second)).toBe(expected);
  });

  it('are not made of anything else', () => {
    expect(parseGenerations('No such resource')).toBeUndefined();
    expect(parseGenerations('')).toBeUndefined();
  });
});

describe('the situation', () => {
  it.each([
    ['split', split()],
    ['split', pair(side('drbd-a', wroteOnA, saying('drbd-a', null)), side('drbd-b', wroteOnB))],
    ['whole', pair(side('drbd-a', wroteOnA), side('drbd-b', common))],
    ['unrelated', pair(side('drbd-a', wroteOnA), side('drbd-b', strange))],
  ])('is %s', (kind, sides) => {
    expect(situationOf(sides).kind).toBe(kind);
  });

  it('is over where the two speak with each other, whatever their generations', () => {
    const answer = saying('drbd-b', { connection: 'SyncTarget', state: 'Inconsistent' });
    const syncing = pair(side('drbd-a', wroteOnA), side('drbd-b', wroteOnB, answer));
    expect(situationOf(syncing)).toEqual({ kind: 'syncing', target: 'drbd-b' });
  });

  it('is no longer one once the two have met, while they compare what differs', () => {
    const [source, target] = ['WFBitMapS', 'WFBitMapT'].map((connection) => ({ connection }));
    const meeting = pair(
      side('drbd-a', wroteOnA, saying('drbd-a', source)),
      side('drbd-b', wroteOnB, saying('drbd-b', target)),
    );
    expect(situationOf(meeting)).toEqual({ kind: 'syncing', target: 'drbd-b' });
  });

  it('is unknown where a host does not answer', async () => {
    const { channel } = environment();
    const sides = await surveySides(channel, [live('drbd-a'), live('drbd-b', 'stopped')]);
    expect(situationOf(sides)).toEqual({ kind: 'unknown', why: 'drbd-b is stopped' });
  });
});

describe('a recovery is refused', () => {
  const whole = pair(side('drbd-a', common), side('drbd-b', common));
  const withCopy = (host: string, state: string) =>
    split().map((one) =>
      one.host === host ? { ...one, answer: saying(host, { state }) } : one,
    ) as [Side, Side];

  it('without a split brain', () => {
    expect(whyNotRecover(whole, 'drbd-b')?.what).toMatch(/no split brain/);
  });

  it.each(['Inconsistent', 'Outdated', 'Diskless', 'Consistent'])(
    'of a victim whose peer is %s',
    (state) => {
      expect(whyNotRecover(withCopy('drbd-a', state), 'drbd-b')).toMatchObject({
        what: expect.stringContaining('the only ones that are up to date') as string,
        value: `the copy of drbd-a is ${state}`,
      });
      expect(whyNotRecover(withCopy('drbd-a', state), 'drbd-a')).toBeUndefined();
    },
  );

  it('of a victim that the cluster has a note of: nobody else could be given the disk', () => {
    const noted = split().map((one) => ({
      ...one,
      answer: { ...saying(one.host), onlyCopy: 'drbd-b' },
    })) as [Side, Side];
    expect(whyNotRecover(noted, 'drbd-b')).toMatchObject({
      value: 'no other host than drbd-b may have the disk',
      allowed: 'the victim drbd-a',
      fix: expect.stringContaining('cibadmin --delete') as string,
    });
    expect(whyNotRecover(noted, 'drbd-a')).toBeUndefined();
  });

  it('while the hosts do not work together', () => {
    const cluster = { ...saying('drbd-b').cluster, quorate: false };
    const [a, b] = split();
    const cut = pair(a, { ...b, answer: { ...saying('drbd-b'), cluster } as ClusterAnswer });
    expect(whyNotRecover(cut, 'drbd-b')?.value).toBe('drbd-b has no majority');
  });

  it('of copies that were never the same', () => {
    const strangers = pair(side('drbd-a', wroteOnA), side('drbd-b', strange));
    expect(whyNotRecover(strangers, 'drbd-b')?.what).toMatch(/never the same/);
  });

  it('of the host whose data are taken over right now', () => {
    const answer = saying('drbd-b', { connection: 'SyncTarget', state: 'Inconsistent' });
    const syncing = pair(side('drbd-a', wroteOnA), side('drbd-b', wroteOnB, answer));
    expect(whyNotRecover(syncing, 'drbd-a')?.value).toMatch(/those of drbd-b/);
    expect(whyNotRecover(syncing, 'drbd-b')).toBeUndefined();
  });
});

describe('what is at stake', () => {
  it('is counted by the broker that serves, and by one on a view of the other copy', async () => {
    const { channel, ran } = environment();
    const sides = await surveySides(channel, both);
    const [a, b] = await Promise.all(sides.map((one) => weighSide(channel, one, true)));
    expect(a).toMatchObject({
      ...{ host: 'drbd-a', serves: true, wroteKiB: 2048 },
      lastWrite: '2026-11-21T19:00:00.000Z',
      queues: [{ vhost: '/', queue: 'orders', messages: 150 }],
    });
    expect(b).toMatchObject({
      ...{ host: 'drbd-b', serves: false, wroteKiB: 512 },
      queues: [{ vhost: '/', queue: 'orders', messages: 120 }],
    });
    expect(ran).not.toContain('drbd-a: store-view shadow-broker');
  });

  it('is what can be found out, with why the rest cannot', async () => {
    const { channel } = environment({ noView: true });
    const sides = await surveySides(channel, both);
    const stake = await weighSide(channel, sides[1], true);
    expect(stake.lastWrite).not.toBeNull();
    expect(stake).toMatchObject({
      queues: null,
      trouble: expect.stringContaining('no broker comes up') as string,
    });
  });
});
