import { expect, test } from 'vitest';

import {
  badTime,
  hostPrefixes,
  journalCommand,
  mergeByTime,
  newestLines,
} from '../../../scripts/lib/journal.ts';

const choice = { unit: [], since: undefined, lines: 5, follow: false };

test('the user’s words are arguments, never shell text', () => {
  const words = { ...choice, unit: ['x; reboot'], since: '$(reboot)' };
  const argv = journalCommand(words);
  expect(argv[0]).toBe('journalctl');
  expect(argv).toContain('--unit=x; reboot');
  expect(argv).toContain('--since=$(reboot)');
  expect(argv).not.toContain('sh');
});

test('RabbitMQ’s own files come with its unit and with all units, not with others alone', () => {
  const [shell, , script] = journalCommand({ ...choice, unit: ['rabbitmq-server'] });
  expect([shell, script]).toEqual(['sh', expect.stringContaining('tail -q -n 5')]);
  expect(journalCommand(choice)[0]).toBe('sh');
  expect(journalCommand({ ...choice, unit: ['haproxy', 'keepalived'] })).toEqual(
    expect.arrayContaining(['journalctl', '--unit=haproxy', '--unit=keepalived']),
  );
});

test('a time for RabbitMQ’s files is an argument too', () => {
  const argv = journalCommand({ ...choice, since: '$(reboot)' });
  expect(argv.slice(3, 5)).toEqual(['logs', '$(reboot)']);
  expect(argv[2]).not.toContain('reboot');
});

test('the newest lines of a host are those of its files and its journal together', () => {
  const lines = ['2026-11-21 03:00:01.5+00:00 file', '2026-11-21 03:00:03.5+00:00 newer', ' more'];
  const journal = ['2026-11-21T03:00:02+00:00 journal'];
  expect(newestLines([...lines, ...journal], 3)).toEqual([journal[0], lines[1], lines[2]]);
});

test('lines of all hosts go by time; what belongs to a line stays below it', () => {
  const merged = mergeByTime(
    new Map([
      ['a', ['2026-11-21T03:00:01.5+00:00 one', '  of one', '2026-11-21T03:00:04+00:00 four']],
      ['b', ['2026-11-21 03:00:02.1+00:00 two', '2026-11-21T03:00:03+00:00 three']],
    ]),
  );
  expect(merged.map(({ host, line }) => `${host} ${line.split(' ').at(-1) ?? ''}`)).toEqual([
    'a one',
    'a one',
    'b two',
    'b three',
    'a four',
  ]);
});

test('prefixes are of one width, and plain without colour', () => {
  expect([...hostPrefixes(['broker-1', 'balancer-1'], false).values()]).toEqual([
    'broker-1   | ',
    'balancer-1 | ',
  ]);
  // eslint-disable-next-line no-control-regex -- colour is what is looked for
  expect(hostPrefixes(['a'], true).get('a')).toMatch(/^\u001b\[36ma \|\u001b\[39m $/);
});

test('a time that is none is answered with what would be one', () => {
  const { parts } = badTime('soonish');
  expect(parts).toMatchObject({ what: '--since is not a time', value: 'soonish' });
  expect(parts.allowed).toContain("'5 min ago'");
});
