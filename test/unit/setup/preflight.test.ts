import { describe, expect, test } from 'vitest';

import { errorText } from '../../../scripts/lib/cli-errors.ts';
import { availableMemory, fileSystemOf, parseOsRelease } from '../../../scripts/lib/machine.ts';
import { judge, PreflightError, requireNoProblems } from '../../../scripts/lib/preflight.ts';
import type { Facts } from '../../../scripts/lib/preflight.ts';

const gibibyte = 1024 ** 3;
const place = (device: number, freeGib: number): Facts['cache'] => ({
  existing: `/disk-${device}`,
  freeBytes: freeGib * gibibyte,
  device,
});
const good: Facts = {
  hosts: true,
  uid: 0,
  os: { id: 'debian', version: '12', codename: 'bookworm', prettyName: 'Debian GNU/Linux 12' },
  cache: place(1, 10),
  disks: place(1, 10),
  availableMemory: 8 * gibibyte,
  hostsExist: false,
  toMake: {},
  missingAbilities: new Map(),
  mirrorProblem: undefined,
};
const whats = (changes: Partial<Facts>): string[] =>
  judge({ ...good, ...changes }).map(({ what }) => what);

describe('judge', () => {
  test('finds nothing on a machine that has everything', () => {
    expect(judge(good)).toEqual([]);
  });

  test.each([
    ['ubuntu', '24.04', 0],
    ['debian', '13', 0],
    ['debian', '11', 1],
    ['ubuntu', '22.04', 1],
    ['fedora', '42', 1],
    ['', '', 1],
  ])('system %s %s gives %i problems', (id, version, count) => {
    const os = { id, version, codename: '', prettyName: `${id} ${version}` };
    expect(judge({ ...good, os })).toHaveLength(count);
  });

  test('asks a machine that only runs Pulumi for no more than room for its tools', () => {
    const os = { id: 'fedora', version: '42', codename: '', prettyName: 'Fedora Linux 42' };
    const bare = { hosts: false, uid: 1000, os, availableMemory: 0, disks: place(1, 0) };
    const toMake = { 'Pulumi CLI': gibibyte };
    expect(whats({ ...bare, toMake, cache: place(1, 2) })).toEqual([]);
    expect(whats({ ...bare, toMake, cache: place(1, 0.5) })).toEqual([
      'too little disk at /disk-1',
    ]);
  });

  test('adds up what the cache and the disks need when they share a file system', () => {
    const toMake = { 'image of trixie': gibibyte };
    const shared = { cache: place(1, 2), disks: place(1, 2), toMake };
    expect(judge({ ...good, ...shared })).toMatchObject([
      { value: '2.0 GiB free', allowed: 'at least 2.5 GiB (still to make: image of trixie)' },
    ]);
    expect(whats({ ...shared, disks: place(2, 2) })).toEqual([]);
    expect(whats({ ...shared, disks: place(2, 1) })).toEqual(['too little disk at /disk-2']);
  });

  test('asks for free memory only while no hosts have taken theirs', () => {
    const tight = { availableMemory: 2 * gibibyte };
    expect(whats(tight)).toEqual(['too little memory for an environment']);
    expect(whats({ ...tight, hostsExist: true })).toEqual([]);
  });

  test('names every problem at once, each with a fix, and says that nothing was changed', () => {
    const problems = judge({
      ...good,
      uid: 1000,
      availableMemory: 0,
      missingAbilities: new Map([['overlayfs', 'mount: wrong fs type']]),
      mirrorProblem: 'Could not resolve host',
    });
    expect(problems).toHaveLength(4);
    for (const { fix } of problems) expect(fix).toBeTruthy();
    const text = errorText(new PreflightError(problems));
    expect(text).toContain('4 reasons; nothing was changed');
    for (const { what } of problems) expect(text).toContain(what);
  });
});

test('requireNoProblems throws for one problem as that problem', () => {
  expect(() => {
    requireNoProblems([]);
  }).not.toThrow();
  expect(() => {
    requireNoProblems(judge({ ...good, uid: 7 }));
  }).toThrow('the rig needs root');
});

test('parseOsRelease reads quoted and plain values', () => {
  const text = 'PRETTY_NAME="Ubuntu 24.04.1 LTS"\nID=ubuntu\nVERSION_ID="24.04"\n';
  expect(parseOsRelease(text)).toEqual({
    id: 'ubuntu',
    version: '24.04',
    codename: '',
    prettyName: 'Ubuntu 24.04.1 LTS',
  });
});

test('availableMemory reads MemAvailable in bytes', () => {
  expect(availableMemory('MemTotal: 9 kB\nMemAvailable:    2048 kB\n')).toBe(2 * 1024 ** 2);
});

test('fileSystemOf looks at the part of a path that exists', () => {
  expect(fileSystemOf('/proc/self/none/at/all').existing).toBe('/proc/self');
});
