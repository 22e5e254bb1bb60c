import { mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import type { ImageName } from '../../../infra/plan/model.ts';
import { installedPackages } from '../../../infra/rig-provider/images/build.ts';
import { imageCatalogue, imageFor } from '../../../infra/rig-provider/images/catalogue.ts';
import { imageFiles, imageHash, treeFingerprint } from '../../../infra/rig-provider/images/hash.ts';
import {
  acquireSettings,
  debianCodename,
  parseTargets,
  sourcesFor,
} from '../../../infra/rig-provider/images/mirror.ts';

describe('catalogue', () => {
  test('names packages once, in order', () => {
    for (const { packages } of Object.values(imageCatalogue)) {
      expect(packages).toEqual([...new Set(packages)].sort());
    }
  });

  test('refuses a release that it does not hold and names those that it does', () => {
    expect(() => imageFor('sid' as ImageName)).toThrow(
      'sid; allowed: bookworm, trixie, trixie-monitor',
    );
  });
});

describe('imageHash', () => {
  const spec = imageFor('trixie');

  test('changes with the release and with the packages', () => {
    const others = [
      { ...spec, release: 'bookworm' as const },
      { ...spec, packages: ['curl'] },
    ];
    const hashes = [spec, ...others].map(imageHash);
    expect(new Set(hashes).size).toBe(3);
    expect(imageHash({ ...spec })).toBe(hashes[0]);
  });

  test('covers the script and every file that is laid over', () => {
    expect(imageFiles).toContain('customize.sh');
    expect(imageFiles).toContain('overlay/etc/cloud/cloud.cfg.d/90-rig.cfg');
    expect(imageFiles).toContain('overlay/etc/systemd/system-preset/00-rig.preset');
  });
});

describe('treeFingerprint', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'kit-tree-'));
    mkdirSync(join(root, 'a/b'), { recursive: true });
    writeFileSync(join(root, 'a/b/file'), 'hello');
    symlinkSync('a/b/file', join(root, 'link'));
  });
  afterEach(() => {
    rmSync(root, { recursive: true });
  });

  test('counts entries and bytes of files', () => {
    expect(treeFingerprint(root)).toMatchObject({ entries: 4, bytes: 5 });
  });

  test('is the same for an untouched tree', () => {
    expect(treeFingerprint(root)).toEqual(treeFingerprint(root));
  });

  test.each<[string, (root: string) => void]>([
    [
      'a file that is gone',
      (at) => {
        rmSync(join(at, 'a/b/file'));
      },
    ],
    [
      'a file that was cut',
      (at) => {
        writeFileSync(join(at, 'a/b/file'), 'he');
      },
    ],
    [
      'a file of another time',
      (at) => {
        utimesSync(join(at, 'a/b/file'), 1, 1);
      },
    ],
    [
      'a new file',
      (at) => {
        writeFileSync(join(at, 'a/new'), '');
      },
    ],
    [
      'a new empty folder',
      (at) => {
        mkdirSync(join(at, 'a/c'));
      },
    ],
  ])('differs for %s', (_what, damage) => {
    const before = treeFingerprint(root).sha256;
    damage(root);
    expect(treeFingerprint(root).sha256).not.toBe(before);
  });
});

describe('mirror', () => {
  const listed = [
    'http://mirror.test/debian/|bookworm|main',
    'http://mirror.test/debian/|bookworm|contrib',
    'http://mirror.test/debian/|bookworm-updates|main',
    'http://mirror.test/security/|bookworm-security|main',
    'http://third.test/|stable|main',
    '',
  ].join('\n');

  test("takes the machine's suites of Debian, with the image's release", () => {
    const sources = sourcesFor('trixie', 'bookworm', parseTargets(listed));
    expect(sources.split('\n\n').map((each) => each.trim().split('\n'))).toEqual(
      [
        ['http://mirror.test/debian/', 'trixie'],
        ['http://mirror.test/debian/', 'trixie-updates'],
        ['http://mirror.test/security/', 'trixie-security'],
      ].map(([uri = '', suite = '']) => [
        'Types: deb',
        `URIs: ${uri}`,
        `Suites: ${suite}`,
        'Components: main',
      ]),
    );
  });

  test('gives nothing when the machine has no suite of Debian itself', () => {
    expect(sourcesFor('trixie', 'bookworm', parseTargets('http://x/|bookworm-security|main'))).toBe(
      '',
    );
  });

  test('carries over how to reach a mirror and nothing else', () => {
    const wanted = ['Acquire::Check-Valid-Until "false";', 'Acquire::http::Proxy "http://p:1/";'];
    const dump = ['APT "";', 'Acquire::http "";', ...wanted, 'Acquire::Languages "none";'];
    expect(acquireSettings(dump.join('\n'))).toBe(`${wanted.join('\n')}\n`);
  });

  test('knows a Debian by its codename', () => {
    expect(debianCodename('ID=debian\nVERSION_CODENAME=bookworm\n')).toBe('bookworm');
    expect(debianCodename('ID=ubuntu\nVERSION_CODENAME=noble\n')).toBeUndefined();
  });
});

test('installedPackages reads what dpkg has installed', () => {
  const status = [
    'Package: curl\nStatus: install ok installed\nVersion: 8.1-2',
    'Package: gone\nStatus: deinstall ok config-files\nVersion: 1',
  ];
  expect(installedPackages(status.join('\n\n'))).toEqual({ curl: '8.1-2' });
});
