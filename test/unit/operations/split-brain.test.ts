import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Channel, LiveHost, RunResult } from '../../../infra/operations/channel.ts';
import type { ClusterAnswer } from '../../../infra/operations/cluster/answers.ts';
import {
  parseGenerations,
  relationOf,
} from '../../../infra/operations/cluster/split-brain/generations.ts';
import { recover } from '../../../infra/operations/cluster/split-brain/recover.ts';
import { whyNotRecover } from '../../../infra/operations/cluster/split-brain/refusals.ts';
import {
  type Side,
  situationOf,
  surveySides,
  weighSide,
} from '../../../infra/operations/cluster/split-brain/survey.ts';
import { repositoryRoot } from '../../../infra/paths.ts';
import { exec } from '../../../infra/rig-provider/exec.ts';
import { nativeTool } from '../../lib/native-tools.ts';

type Disk = NonNullable<ClusterAnswer['disk']>;
const hosts = ['drbd-a', 'drbd-b'] as const;

/** Both wrote on from the same data: `C0DE` was the last generation that they had in common. */
const wroteOnA =
  '1111111111111112:C0DE00000000000A:AAAAAAAAAAAAAAA0:0000000000000004:1:1:1:0:0:0:0';
const wroteOnB =
  '2222222222222222:C0DE00000000000A:AAAAAAAAAAAAAAA0:0000000000000004:1:1:0:0:0:0:0';
const common = 'C0DE00000000000A:0000000000000000:AAAAAAAAAAAAAAA0:0000000000000004:1:1:0:1:0:0:0';
const strange = '9999999999999998:0000000000000000:8888888888888888:0000000000000000:1:1:0:1:0:0:0';

function disk(host: string, changes: Partial<Disk> = {}): Disk {
  return {
    connection: 'StandAlone',
    role: host === 'drbd-a' ? 'Primary' : 'Secondary',
    peerRole: 'Unknown',
    state: 'UpToDate',
    peerState: 'DUnknown',
    syncPercent: null,
    outOfSyncKiB: host === 'drbd-a' ? 2048 : 512,
    ...changes,
  };
}

function saying(host: string, changes: Partial<Disk> | null = {}, on = 'drbd-a'): ClusterAnswer {
  const resource = { agent: '', failed: false, blocked: false };
  return {
    cluster: {
      quorate: true,
      members: hosts.map((name) => ({ name, online: true, unclean: false })),
      resources: [{ ...resource, id: 'broker', role: 'Started', host: on }],
      failures: [],
      fencing: [],
    },
    rings: [],
    disk: changes && disk(host, changes),
    onlyCopy: null,
  };
}

function side(host: string, gi: string, answer: ClusterAnswer | undefined = saying(host)): Side {
  return { host, answer, generations: parseGenerations(gi), trouble: undefined };
}
const pair = (a: Side, b: Side): [Side, Side] => [a, b];
const split = () => pair(side('drbd-a', wroteOnA), side('drbd-b', wroteOnB));
const live = (name: string, state: LiveHost['state'] = 'running'): LiveHost => ({
  ...{ name, state, zone: 'a', address: '10.77.2.11' },
  labels: {},
});
const both: [LiveHost, LiveHost] = [live('drbd-a'), live('drbd-b')];

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

describe('programs on the hosts', () => {
  const onHost = join(repositoryRoot, 'infra/operations/cluster/split-brain/on-host');

  it('pass shellcheck', async () => {
    const checked = await nativeTool('shellcheck', onHost, (path) => [
      // What they source is on the hosts, not beside them.
      ...['--exclude=SC1091', `${path}/store-view`, `${path}/shadow-broker`],
    ]);
    expect(checked.code, checked.output).toBe(0);
  });

  it('compile, and say what they can do', async () => {
    const { code, stderr } = await exec(['python3', join(onHost, 'split-brain')]);
    expect(code).toBe(1);
    expect(stderr).toContain('split-brain discard');
  });
});

describe('a recovery', () => {
  it('discards only what was copied, once the other broker serves', async () => {
    const { channel, ran } = environment();
    const recovery = await recover(channel, both, 'drbd-b', watcher(ran));
    expect(ran).toEqual([
      'banned',
      'drbd-a: crm_resource --ban --resource rabbitmq --node drbd-b --lifetime PT2H',
      'drbd-a: mq-eval',
      'drbd-b: split-brain copy',
      'drbd-b: split-brain progress',
      'drbd-b: split-brain discard',
      'drbd-a: drbdadm connect rabbitmq',
      'drbd-a: mq-eval',
      'drbd-b: split-brain copies',
    ]);
    expect(recovery).toMatchObject({
      ...{ victim: 'drbd-b', survivor: 'drbd-a', copy: { path: '/kept.tar' } },
      queues: [{ queue: 'orders', messages: 150 }],
    });
  });

  it.each([
    ['room', { state: 'no-room', needBytes: 3 * 2 ** 20, freeBytes: 2 ** 20 }, '1.0 MiB free'],
    ['a whole copy', { state: 'failed', why: 'tar: contents differ' }, 'contents differ'],
  ])('discards nothing without %s', async (_what, answer, said) => {
    const { channel, ran } = environment({ copy: answer });
    await expect(recover(channel, both, 'drbd-b', watcher(ran))).rejects.toThrow(said);
    expect(ran).not.toContain('drbd-b: split-brain discard');
  });

  it('says so when the host does not discard', async () => {
    const why = 'split-brain: the disk was written to since it was copied: nothing is discarded';
    const { channel, ran } = environment({ discard: { code: 1, stdout: '', stderr: why } });
    await expect(recover(channel, both, 'drbd-b', watcher(ran))).rejects.toMatchObject({
      parts: {
        what: 'the data of drbd-b stay as they are',
        value: expect.stringContaining(why) as string,
      },
    });
    expect(ran).not.toContain('drbd-a: drbdadm connect rabbitmq');
  });

  it('discards nothing while a queue of the survivor does not answer', async () => {
    const { channel, ran } = environment({ messages: null });
    const recovery = recover(channel, both, 'drbd-b', watcher(ran));
    await expect(recovery).rejects.toThrow('orders in vhost / does not answer');
    expect(ran).not.toContain('drbd-b: split-brain copy');
  });

  it('goes on where an earlier one was cut off while DRBD copied', async () => {
    const { channel, ran } = environment({ discarded: true });
    await recover(channel, both, 'drbd-b', watcher(ran));
    expect(ran).toEqual(['drbd-a: mq-eval', 'drbd-b: split-brain copies']);
  });
});

const watcher = (ran: string[]) => ({
  step: <T>(_title: string, work: (say: () => void) => Promise<T>): Promise<T> =>
    work(() => undefined),
  whileBanned: () => void ran.push('banned'),
});

interface Circumstances {
  readonly copy?: object;
  readonly discard?: RunResult;
  readonly messages?: null;
  readonly noView?: true;
  /** DRBD replaces the data of drbd-b already. */
  readonly discarded?: true;
}

/** Two hosts after a split brain, drbd-a with the broker; keeps what changed something, and does it. */
function environment(given: Circumstances = {}): { channel: Channel; ran: string[] } {
  const ran: string[] = [];
  let connected = given.discarded ?? false;
  let looks = 0;
  const diskOf = (host: string): Partial<Disk> => {
    if (!connected) return {};
    // The second time that somebody looks, it is done.
    looks += 1;
    if (looks > 2) return { connection: 'Connected', outOfSyncKiB: 0 };
    return host === 'drbd-a'
      ? { connection: 'SyncSource' }
      : { connection: 'SyncTarget', state: 'Inconsistent' };
  };
  const whole = { path: '/kept.tar', bytes: 4096, entries: 3 };
  const store = { lastWrite: Date.UTC(2026, 10, 21, 19) / 1000, bytes: 4096, entries: 3 };
  const counted = (host: string): RunResult => {
    const messages = given.messages === null ? null : host === 'drbd-a' ? 150 : 120;
    const queues = [{ vhost: '/', name: 'orders', messages, stream: false }];
    return said(`answer:${Buffer.from(JSON.stringify(queues)).toString('base64')}\n{ok, ok}`);
  };
  const answers: Record<string, (host: string) => RunResult> = {
    'cluster-status': (host) => said(JSON.stringify(saying(host, diskOf(host)))),
    'drbdadm get-gi rabbitmq': (host) => said(host === 'drbd-a' ? wroteOnA : wroteOnB),
    'split-brain look': () => said(JSON.stringify({ store, copies: [] })),
    'split-brain copies': () => said(JSON.stringify([whole])),
    'split-brain copy': () => said('{"state":"making","needBytes":4096,"doneBytes":0}'),
    'split-brain progress': () => said(JSON.stringify(given.copy ?? { ...whole, state: 'whole' })),
    'split-brain discard': () => given.discard ?? said(''),
    'store-view shadow-broker': (host) =>
      given.noView ? { code: 1, stdout: '', stderr: 'no broker comes up' } : counted(host),
    'mq-eval': counted,
  };
  const run: Channel['run'] = (host, argv) => {
    const command = argv.map((word) => word.replace(/^.*\/(?=[a-z-]+$)/, '')).join(' ');
    if (/^(crm|drbdadm connect|mq-eval|split-brain (?!look)|store-view)/.test(command)) {
      ran.push(`${host}: ${command}`);
    }
    if (command === 'drbdadm connect rabbitmq') connected = true;
    const answer = command.includes('/api/nodes')
      ? () => said('[{"running":true}]')
      : (answers[command] ?? (() => said('')));
    return Promise.resolve(answer(host));
  };
  return { channel: { hosts: () => Promise.resolve(both), run }, ran };
}

const said = (stdout: string): RunResult => ({ code: 0, stdout, stderr: '' });
