import { describe, expect, it } from 'vitest';
import type { Stake } from '../../../infra/operations/cluster/split-brain/survey.ts';
import {
  recoveryText,
  splitBrainText,
  type SplitBrainReport,
} from '../../../scripts/lib/split-brain-text.ts';

const disk = {
  ...{ connection: 'StandAlone', role: 'Secondary', peerRole: 'Unknown', state: 'UpToDate' },
  ...{ peerState: 'DUnknown', syncPercent: null, outOfSyncKiB: 348 },
};
const stake = (host: string, changes: Partial<Stake> = {}): Stake => ({
  ...{ host, serves: false, disk, wroteKiB: 348, copies: [], trouble: null },
  lastWrite: '2026-11-21T19:15:33.512Z',
  queues: [
    { vhost: '/', queue: 'orders', messages: 56 },
    { vhost: '/', queue: 'empty', messages: 0 },
  ],
  ...changes,
});
const split: SplitBrainReport = {
  stack: 'rig-drbd',
  situation: { kind: 'split' },
  network: null,
  sides: [
    stake('drbd-a', {
      serves: true,
      wroteKiB: 2380,
      queues: [{ vhost: '/', queue: 'orders', messages: 53 }],
    }),
    stake('drbd-b'),
  ],
};

describe('what is shown of a split brain', () => {
  it('is what each host has, and how one of them is given up', () => {
    expect(splitBrainText(split, false)).toBe(
      [
        'rig-drbd: split brain: both hosts have written since they lost each other',
        '',
        'HOST    BROKER  DRBD        ROLE       COPY      LAST WRITE            WROTE SINCE  MESSAGES',
        'drbd-a  serves  StandAlone  Secondary  UpToDate  2026-11-21T19:15:33Z  2.3 MiB      53',
        'drbd-b  -       StandAlone  Secondary  UpToDate  2026-11-21T19:15:33Z  348.0 KiB    56',
        '',
        'QUEUE   VHOST  ON drbd-a  ON drbd-b',
        'orders  /      53         56',
        'empty   /      -          0',
        '',
        'npm run split-brain -- recover --stack rig-drbd --victim HOST replaces what HOST has; a copy of it is kept',
        '',
      ].join('\n'),
    );
  });

  it('says what is not known, and counts no silent queue as empty', () => {
    const queues = [
      { vhost: '/', queue: 'orders', messages: 7 },
      { vhost: '/', queue: 'stuck', messages: null },
    ];
    const text = splitBrainText(
      {
        ...split,
        network: 'drbd-b has no majority',
        sides: [
          stake('drbd-a', { queues }),
          stake('drbd-b', {
            ...{ disk: null, wroteKiB: null, lastWrite: null, queues: null },
            trouble: 'drbd-b does not answer',
          }),
        ],
      },
      false,
    );
    expect(text).toContain('  drbd-b has no majority\n  drbd-b does not answer\n');
    expect(text).toMatch(/^drbd-a .* 7 and more$/m);
    expect(text).toMatch(/^stuck +\/ +silent +-$/m);
    expect(text).toMatch(/^drbd-b +- +down +- +- +- +- +-$/m);
  });

  it.each([
    [{ kind: 'whole' } as const, 'no split brain'],
    [{ kind: 'syncing', target: 'drbd-b' } as const, 'the copy of drbd-b is being brought up'],
    [{ kind: 'unknown', why: 'drbd-b is stopped' } as const, 'drbd-b is stopped'],
  ])('is a line where there is none: %o', (situation, words) => {
    const text = splitBrainText({ ...split, situation, sides: [] }, false);
    expect(text).toContain(words);
    expect(text).not.toContain('recover');
  });
});

it('a recovery says where the copy is, and how large', () => {
  const copy = { path: '/kept/drbd-b.tar', bytes: 225_280, entries: 41 };
  const recovery = { victim: 'drbd-b', survivor: 'drbd-a', copy, queues: [] };
  expect(recoveryText(recovery)).toContain('/kept/drbd-b.tar, 220.0 KiB, 41 files and folders');
});
