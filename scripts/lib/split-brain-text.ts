import type { Recovery } from '../../infra/operations/cluster/split-brain/recover.ts';
import type {
  QueueStake,
  Situation,
  Stake,
} from '../../infra/operations/cluster/split-brain/survey.ts';
import { type Cell, good, painter, table } from './table.ts';

/** What `npm run split-brain -- status` has found; sides only where the copies differ. */
export interface SplitBrainReport {
  readonly stack: string;
  readonly situation: Situation;
  /** Why the two hosts do not work together yet, which a recovery waits for; null where they do. */
  readonly network: string | null;
  readonly sides: readonly Stake[];
}

export function splitBrainText(report: SplitBrainReport, colour: boolean): string {
  const { stack, situation, network, sides } = report;
  const paint = painter(colour);
  const bad = situation.kind !== 'whole' && situation.kind !== 'syncing';
  const lines = [
    `${stack}: ${paint(bad ? 'red' : 'green', headline(situation))}`,
    ...[network, ...sides.map(({ trouble }) => trouble)].flatMap((line) =>
      line === null ? [] : [`  ${paint('yellow', line)}`],
    ),
  ];
  if (sides.length > 0) {
    lines.push('', ...table(sideRows(sides), paint));
    const rows = queueRows(sides);
    if (rows.length > 1) lines.push('', ...table(rows, paint));
    const copies = sides.flatMap(({ host, copies: kept }) =>
      kept.map(({ path, bytes }) => [path, host, amount(bytes)]),
    );
    if (copies.length > 0)
      lines.push('', ...table([['KEPT COPY', 'ON', 'SIZE'], ...copies], paint));
  }
  if (situation.kind === 'split') {
    lines.push(
      '',
      `npm run split-brain -- recover --stack ${stack} --victim HOST replaces what HOST has; a copy of it is kept`,
    );
  }
  return `${lines.join('\n')}\n`;
}

function headline(situation: Situation): string {
  switch (situation.kind) {
    case 'whole':
      return 'no split brain';
    case 'syncing':
      return `no split brain; the copy of ${situation.target} is being brought up to date`;
    case 'split':
      return 'split brain: both hosts have written since they lost each other';
    case 'unrelated':
      return 'the two copies were never the same';
    case 'unknown':
      return `it cannot be told whether there is a split brain: ${situation.why}`;
  }
}

const sideRows = (sides: readonly Stake[]): Cell[][] => [
  ['HOST', 'BROKER', 'DRBD', 'ROLE', 'COPY', 'LAST WRITE', 'WROTE SINCE', 'MESSAGES'],
  ...sides.map(({ host, serves, disk, lastWrite, wroteKiB, queues }) => [
    host,
    serves ? 'serves' : '-',
    disk === null ? good(false, 'down') : good(disk.connection === 'Connected', disk.connection),
    disk?.role ?? '-',
    disk?.state ?? '-',
    lastWrite === null ? '-' : lastWrite.replace(/\.\d+Z$/, 'Z'),
    wroteKiB === null ? '-' : amount(wroteKiB * 1024),
    queues === null ? '-' : total(queues),
  ]),
];

/** What a queue does not say is not counted as nothing. */
function total(queues: readonly QueueStake[]): string {
  const counts = queues.flatMap(({ messages }) => messages ?? []);
  const sum = counts.reduce((all, count) => all + count, 0);
  return counts.length === queues.length ? String(sum) : `${sum} and more`;
}

/** A row for each queue that holds something or that one side lacks, a column for each host. */
function queueRows(sides: readonly Stake[]): Cell[][] {
  const known = sides.filter(({ queues }) => queues !== null);
  const named = new Map(
    known.flatMap(({ queues }) =>
      (queues ?? []).map(({ vhost, queue }) => [`${vhost}\n${queue}`, { vhost, queue }] as const),
    ),
  );
  const rows = [...named.values()].map(({ vhost, queue }) => [
    queue,
    vhost,
    ...sides.map(({ queues }) => held(queues, vhost, queue)),
  ]);
  return [
    ['QUEUE', 'VHOST', ...sides.map(({ host }) => `ON ${host}`)],
    ...rows.filter((row) => row.slice(2).some((cell) => cell !== '0')),
  ];
}

function held(queues: Stake['queues'], vhost: string, queue: string): string {
  const found = queues?.find((one) => one.vhost === vhost && one.queue === queue);
  if (found === undefined) return '-';
  return found.messages === null ? 'silent' : String(found.messages);
}

export function recoveryText({ victim, survivor, copy, queues }: Recovery): string {
  const kept =
    copy === undefined
      ? []
      : [
          `What ${victim} had is kept there: ${copy.path}, ${amount(copy.bytes)}, ${copy.entries} files and folders.`,
        ];
  return [
    `Both copies are up to date; the broker serves on ${survivor}, with ${total(queues)} messages in ${queues.length} queue${queues.length === 1 ? '' : 's'}.`,
    ...kept,
    '',
  ].join('\n');
}

const units = ['KiB', 'MiB', 'GiB', 'TiB'];

/** Bytes for people, e.g. `12.3 MiB`. */
function amount(bytes: number): string {
  const power = Math.min(units.length, Math.max(1, Math.floor(Math.log2(Math.max(bytes, 1)) / 10)));
  return `${(bytes / 1024 ** power).toFixed(1)} ${units[power - 1] ?? ''}`;
}
