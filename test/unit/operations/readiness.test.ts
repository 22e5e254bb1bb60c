import { expect, test, vi } from 'vitest';
import type { Channel, LiveHost, RunResult } from '../../../infra/operations/channel.ts';
import {
  areAwaited,
  waitForBoot,
  waitForBrokers,
} from '../../../infra/operations/service/readiness.ts';
import { nodes } from './recorded.ts';

const brokers = ['broker-1', 'broker-2', 'broker-3'];
const answer = (stdout: string, code = 0): RunResult => ({ code, stdout, stderr: '' });

const host = (name: string, state: LiveHost['state']): LiveHost => ({
  ...{ name, state, zone: 'a', address: '10.0.0.1', labels: {} },
});

/** Hosts whose systemd says one state after the other, the last one for ever. */
function booting(states: Readonly<Record<string, readonly string[]>>): {
  channel: Channel;
  asked: string[];
} {
  const asked: string[] = [];
  const looks = new Map<string, number>();
  const channel: Channel = {
    hosts: () => Promise.resolve([]),
    run: (host, argv) => {
      if (!argv.some((word) => word.includes('is-system-running'))) {
        asked.push(host);
        return Promise.resolve(answer(nodes()));
      }
      const look = looks.get(host) ?? 0;
      looks.set(host, look + 1);
      const said = states[host] ?? ['running'];
      const state = said[Math.min(look, said.length - 1)] ?? '';
      return Promise.resolve(answer(`${state}\n`, state === 'running' ? 0 : 1));
    },
  };
  return { channel, asked };
}

test('no broker is asked before every host has booted', async () => {
  const seen: string[] = [];
  const { channel, asked } = booting({ 'broker-3': ['', 'starting', 'running'] });
  await waitForBrokers(
    channel,
    { brokers, clustered: true },
    {
      deadlineMs: 5_000,
      onWait: (host, what) => {
        if (what === undefined) return;
        seen.push(`${host}: ${what}`);
        expect(asked).toEqual([]);
      },
    },
  );
  expect(seen).toEqual(['broker-3: systemd is starting']);
  expect(asked).toEqual(brokers);
});

test('a boot under way names the units that are being started', async () => {
  const seen: (string | undefined)[] = [];
  const starting = 'starting\nstarts cloud-final.service\nstarts cluster-load.service';
  const { channel } = booting({ 'broker-2': [starting, 'running'] });
  const onWait = (host: string, what: string | undefined): void => {
    if (host === 'broker-2') seen.push(what);
  };
  await waitForBrokers(channel, { brokers, clustered: true }, { deadlineMs: 5_000, onWait });
  expect(seen).toEqual([
    'systemd is starting (cloud-final.service, cluster-load.service)',
    undefined,
  ]);
});

test('of hosts that take turns at one broker only the one that has it is asked for nodes', async () => {
  const pair = ['drbd-a', 'drbd-b'].map((name) => ({
    ...host(name, 'running'),
    labels: { node: 'rabbit@broker', roles: 'broker' },
  }));
  const asked: string[] = [];
  const seen: (string | undefined)[] = [];
  let looks = 0;
  const run: Channel['run'] = (name, argv) => {
    const command = argv.join(' ');
    if (command.includes('is-system-running')) return Promise.resolve(answer('running\n'));
    if (command.includes('is-active')) {
      looks += 1;
      return Promise.resolve(answer('', name === 'drbd-b' && looks > 2 ? 0 : 3));
    }
    asked.push(name);
    return Promise.resolve(answer('[{"name":"rabbit@broker","running":true}]'));
  };
  await waitForBrokers(
    { hosts: () => Promise.resolve(pair), run },
    { brokers: ['drbd-a', 'drbd-b'], clustered: true, nodes: 1 },
    {
      deadlineMs: 5_000,
      onWait: (who, what) => {
        if (who === 'the broker') seen.push(what);
      },
    },
  );
  expect(asked).toEqual(['drbd-b']);
  expect(seen).toEqual(['none of its hosts has started it', undefined]);
});

test('a boot that waits for a parameter says so once, and is what a wait that ends last saw', async () => {
  const why = 'boot waits: there is no parameter /mq/cookie in Systems Manager (trial)';
  const held: string[] = [];
  const onHeld = (host: string, reason: string): void => void held.push(`${host}: ${reason}`);
  const starting = `starting\n${why}`;
  const { channel, asked } = booting({ 'broker-2': [starting, starting, 'running'] });
  const set = { brokers, clustered: true };
  await waitForBrokers(channel, set, { deadlineMs: 5_000, onHeld });
  expect(held).toEqual([`broker-2: ${why}`]);
  expect(asked).toEqual(brokers);
  const { channel: stuck } = booting({ 'broker-2': [starting] });
  await expect(waitForBrokers(stuck, set, { deadlineMs: 300 })).rejects.toThrow(
    `gave up waiting for broker-2 to boot after 300 ms; last seen: ${why}`,
  );
});

test('a boot with failed units is over: the broker decides', async () => {
  const { channel, asked } = booting({ 'broker-1': ['degraded'] });
  await waitForBrokers(channel, { brokers, clustered: true }, { deadlineMs: 1_000 });
  expect(asked).toEqual(brokers);
});

test('a host that never gets through its boot is named', async () => {
  const { channel } = booting({ 'broker-2': ['starting'] });
  await expect(
    waitForBrokers(channel, { brokers, clustered: true }, { deadlineMs: 300 }),
  ).rejects.toThrow(
    'gave up waiting for broker-2 to boot after 300 ms; last seen: systemd is starting',
  );
});

test('a host that stays off for two minutes is not waited for any longer', async () => {
  let now = 0;
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now);
  const channel: Channel = {
    hosts: () => {
      now += 50_000;
      return Promise.resolve([host('broker-1', 'running'), host('broker-2', 'stopped')]);
    },
    run: () => Promise.reject(new Error('it is not running')),
  };
  const wait = waitForBoot(channel, 'broker-2', { subject: 'it to boot', deadlineMs: 1_800_000 });
  await expect(wait).rejects.toThrow('broker-2 was switched off while its boot was waited for');
  expect(now).toBe(200_000);
  clock.mockRestore();
});

test('a broker whose certificate has expired is not waited for: waiting brings no new one', async () => {
  const saying = (host: string, result: RunResult): Channel => ({
    hosts: () => Promise.resolve([]),
    run: (asked) => Promise.resolve(asked === host ? result : answer(nodes())),
  });
  const failed = (stderr: string): RunResult => ({ code: 60, stdout: '', stderr });
  const set = { brokers, clustered: true };
  expect(await areAwaited(saying('', answer('')), set)).toBe(false);
  expect(await areAwaited(saying('broker-2', failed('curl: (7) refused')), set)).toBe(true);
  const expired = failed('curl: (60) SSL certificate problem: certificate has expired');
  expect(await areAwaited(saying('broker-2', expired), set)).toBe(false);
});
