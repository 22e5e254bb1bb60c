import { expect, test } from 'vitest';
import {
  collectible,
  type JudgedStack,
  type ListedStack,
  listText,
  planText,
} from '../../../scripts/lib/rig-text.ts';

const stack = (name: string, over: Partial<JudgedStack> = {}): JudgedStack => ({
  stack: name,
  belonging: 'orphan',
  why: 'no state knows it',
  record: undefined,
  folders: { disks: `/disks/${name}`, run: `/run/${name}` },
  topology: 'warren',
  hosts: [],
  running: false,
  ports: {},
  usedVolumes: [],
  pieces: [`network namespace rmqha-${name}`],
  ...over,
});

const stacks = [
  stack('gone'),
  stack('full', { usedVolumes: ['/disks/full/volumes/a.ext4'] }),
  stack('alive', { belonging: 'live', why: 'in its state' }),
  stack('busy', { belonging: 'changing', why: 'process 7 changes it' }),
  stack('foreign', { belonging: 'unknown', why: 'only its backend can say' }),
  stack('entry', { pieces: [] }),
];

test('only orphans are collected, and those with data only on request', () => {
  const names = (discard: boolean): string[] =>
    collectible(stacks, discard).remove.map((one) => one.stack);
  expect(names(false)).toEqual(['gone', 'entry']);
  expect(names(true)).toEqual(['gone', 'full', 'entry']);
  expect(collectible(stacks, true).keep.map((one) => one.stack)).toEqual([
    'alive',
    'busy',
    'foreign',
  ]);
});

test('people see what goes, piece by piece, and why the rest stays', () => {
  expect(planText(collectible(stacks, false), false)).toBe(`would remove gone: no state knows it
  network namespace rmqha-gone
would remove entry: no state knows it
  its entry in the registry
keeping full: no state knows it, but its volumes may hold messages
  /disks/full/volumes/a.ext4
  to let go of them: --discard-messages
keeping alive: live, in its state
keeping busy: changing, process 7 changes it
keeping foreign: unknown, only its backend can say
nothing was removed; --yes removes it
`);
  expect(planText(collectible([], false), true)).toBe('nothing to remove\n');
});

const listed: ListedStack = {
  stack: 'rig-warren',
  belonging: 'live',
  why: 'in its state',
  topology: 'warren',
  hosts: [
    { name: 'rabbit-a', running: true },
    { name: 'rabbit-b', running: false },
  ],
  memoryBytes: 300 * 1024 ** 2,
  diskBytes: 60 * 1024 ** 2,
  ports: { 'amqp/rabbit-a': 20_001, 'amqp/rabbit-b': 20_002, 'management/rabbit-a': 20_003 },
  since: '2026-01-01T10:00:00.123Z',
  stateDir: '/state',
  backend: 'file:///state/backend',
};

test('a list shows what runs, what it takes and whose it is', () => {
  expect(listText([listed, { ...listed, stack: 'two', backend: 'https://example.org' }])).toBe(
    `STACK       IS    TOPOLOGY  HOSTS          MEMORY   DISK    PORTS             SINCE
rig-warren  live  warren    1 run, 1 dead  300 MiB  60 MiB  AMQP 20001 20002  2026-01-01T10:00:00Z
two         live  warren    1 run, 1 dead  300 MiB  60 MiB  AMQP 20001 20002  2026-01-01T10:00:00Z

rig-warren: state folder /state; in its state
two: state folder /state, backend https://example.org; in its state
`,
  );
  expect(listText([])).toBe('no stack is on this machine\n');
});
