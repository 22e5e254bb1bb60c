/** How the logs of a host are read on that host, and how lines of several hosts are told apart. */
import { styleText } from 'node:util';

import { UsageError } from './cli-parse.ts';

export interface JournalChoice {
  /** Units; all of the host without any. */
  readonly unit: readonly string[];
  readonly since: string | undefined;
  readonly lines: number;
  readonly follow: boolean;
}

/** RabbitMQ may write to files of its own, which the journal does not have. */
const brokerUnit = /^rabbitmq-server(\.service)?$/;

/**
 * Command for a host: the journal, and for RabbitMQ the newest of its log files too. The positional
 * parameters carry the user's words, so that no shell reads them.
 */
export function journalCommand({ unit, since, lines, follow }: JournalChoice): string[] {
  const journal = [
    'journalctl',
    '--no-pager',
    '--output=short-iso-precise',
    '--no-hostname',
    '--quiet',
    `--lines=${lines}`,
    ...unit.map((name) => `--unit=${name}`),
    ...(since === undefined ? [] : [`--since=${since}`]),
    ...(follow ? ['--follow'] : []),
  ];
  if (unit.length > 0 && !unit.some((name) => brokerUnit.test(name))) return journal;
  return ['sh', '-c', brokerFileScript(lines, follow), 'logs', since ?? '', ...journal];
}

/**
 * Files below RabbitMQ's log folder, where it writes to any, then the journal's own lines. `$1` is the
 * time to begin at, or empty, `$2` and on the journal's command. Lines of the files begin with a time in UTC,
 * which is the hosts' own; those without one belong to the line before.
 */
function brokerFileScript(lines: number, follow: boolean): string {
  // What comes later passes no filter: awk would hold it back until it has a buffer full.
  const later = follow ? 'tail -q -n 0 -F $files &' : '';
  return String.raw`
from=
[ -z "$1" ] || from=$(systemd-analyze timestamp -- "$1" | sed -n 's/^ *Normalized form: [A-Za-z]* \(.*\) UTC$/\1/p')
shift
files=$(find /var/log/rabbitmq -name "rabbit@*.log" -size +0 2>/dev/null)
if [ -n "$files" ]; then
  tail -q -n ${lines} $files |
    awk -v from="$from" '/^[0-9]+-/ { young = substr($0, 1, 19) >= from } young'
  ${later}
fi
exec "$@"`;
}

/** The newest lines of a host, of its journal and its files together. */
export function newestLines(lines: readonly string[], count: number): string[] {
  return mergeByTime(new Map([['', lines]]))
    .slice(-count)
    .map(({ line }) => line);
}

/** What a time that journalctl does not know is answered with. */
export const badTime = (since: string): UsageError =>
  new UsageError({
    what: '--since is not a time',
    value: since,
    allowed: ["'5 min ago'", "'1h ago'", '14:02', 'today', 'yesterday', "'2026-11-21 14:02:00'"],
    fix: 'quote it where it holds a blank; times are UTC, as in the lines',
  });

const tones = ['cyan', 'magenta', 'yellow', 'green', 'blue', 'red'] as const;

/** `broker-1  | `, all of one width, each host with its colour. */
export function hostPrefixes(hosts: readonly string[], colour: boolean): Map<string, string> {
  const width = Math.max(0, ...hosts.map((host) => host.length));
  return new Map(
    hosts.map((host, index) => {
      const prefix = `${host.padEnd(width)} |`;
      const tone = tones[index % tones.length] ?? 'cyan';
      return [host, `${colour ? styleText(tone, prefix, { validateStream: false }) : prefix} `];
    }),
  );
}

/** Lines of all hosts by their leading timestamp; a line without one stays with the one before. */
export function mergeByTime(
  hosts: ReadonlyMap<string, readonly string[]>,
): { readonly host: string; readonly line: string }[] {
  const stamped = [...hosts].flatMap(([host, lines]) => {
    let stamp = '';
    return lines.map((line) => {
      stamp = /^\d{4}-\d\d-\d\d[T ][\d:.,]+/.exec(line)?.[0].replace(' ', 'T') ?? stamp;
      return { host, line, stamp };
    });
  });
  // Sorting is stable: equal times keep the order within a host.
  return stamped
    .sort((a, b) => (a.stamp < b.stamp ? -1 : a.stamp > b.stamp ? 1 : 0))
    .map(({ host, line }) => ({ host, line }));
}
