import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import type { Channel } from '../../../infra/operations/channel.ts';
import { recover } from '../../../infra/operations/cluster/split-brain/recover.ts';
import { repositoryRoot } from '../../../infra/paths.ts';
import { exec } from '../../../infra/rig-provider/exec.ts';
import { nativeTool } from '../../lib/native-tools.ts';
import { both, environment } from './split-hosts.ts';

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
      'drbd-a: crm_resource --ban --resource rabbitmq --node drbd-b --lifetime PT2H',
      'banned',
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

  it('goes on keeping the broker off while a copy takes hours', async () => {
    const { channel, ran } = environment({ unfinished: 1 });
    const now = performance.now.bind(performance);
    let passedMs = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => now() + passedMs);
    const run: Channel['run'] = (host, argv, options) => {
      if (argv.at(-1) === 'progress') passedMs += 90 * 60_000;
      return channel.run(host, argv, options);
    };
    await recover({ ...channel, run }, both, 'drbd-b', watcher(ran));
    vi.restoreAllMocks();
    expect(ran.filter((line) => /--ban|progress|discard/.test(line))).toEqual([
      'drbd-a: crm_resource --ban --resource rabbitmq --node drbd-b --lifetime PT2H',
      'drbd-b: split-brain progress',
      'drbd-a: crm_resource --ban --resource rabbitmq --node drbd-b --lifetime PT2H',
      'drbd-b: split-brain progress',
      'drbd-b: split-brain discard',
    ]);
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
    // The earlier one kept drbd-b off.
    expect(ran).toEqual(['banned', 'drbd-a: mq-eval', 'drbd-b: split-brain copies']);
  });
});

const watcher = (ran: string[]) => ({
  step: <T>(_title: string, work: (say: () => void) => Promise<T>): Promise<T> =>
    work(() => undefined),
  whileBanned: () => void ran.push('banned'),
});
