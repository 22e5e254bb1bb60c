import { describe, expect, it } from 'vitest';
import { changesFor, reactionsFor } from '../../../infra/rig-provider/configuration/apply.ts';
import { parseInspection } from '../../../infra/rig-provider/configuration/inspect.ts';
import {
  fileDigest,
  filesDigest,
  sha256,
} from '../../../infra/rig-provider/configuration/digest.ts';
import type { RenderedFile } from '../../../infra/render/model.ts';

function file(path: string, content: string, onChange: RenderedFile['onChange']): RenderedFile {
  return { path, content, mode: '0644', owner: 'root:root', onChange };
}
const reload = ['systemctl', 'reload', 'haproxy'];
const restart = ['broker-restart'];
const onHost = (content: string): string =>
  fileDigest({ mode: '644', owner: 'root:root' }, sha256(content));

describe('what a host has', () => {
  const digestOf = (sum: string): string => fileDigest({ mode: '644', owner: 'root:root' }, sum);

  it('is read from the answer of stat and sha256sum', () => {
    const printed = '644 root:root /a\n644 root:root /b\n\naaaa  /a\nbbbb  /b\n';
    expect(parseInspection(printed)).toEqual({ '/a': digestOf('aaaa'), '/b': digestOf('bbbb') });
  });

  it('does not count a file that went meanwhile, and may be nothing', () => {
    const printed = '644 root:root /a\n644 root:root /b\n\nbbbb  /b\n';
    expect(parseInspection(printed)).toEqual({ '/b': digestOf('bbbb') });
    expect(parseInspection('')).toEqual({});
  });
});

describe('changes of a host', () => {
  const wanted = [file('/a', 'one', reload), file('/b', 'two', 'none')];

  it('are none when content, mode and owner agree', () => {
    const found = { '/a': onHost('one'), '/b': onHost('two') };
    expect(changesFor(wanted, found, {})).toEqual({ write: [], remove: [] });
  });

  it('are the files that differ or are missing', () => {
    const { write } = changesFor(wanted, { '/a': onHost('other') }, {});
    expect(write.map(({ path }) => path)).toEqual(['/a', '/b']);
  });

  it('see a changed mode', () => {
    const found = { '/a': onHost('one').replace('644', '600'), '/b': onHost('two') };
    expect(changesFor(wanted, found, {}).write.map(({ path }) => path)).toEqual(['/a']);
  });

  it('remove what was applied before and is wanted no more', () => {
    const before = {
      '/old': { digest: 'x', onChange: reload },
      '/b': { digest: 'x', onChange: reload },
    };
    expect(changesFor(wanted, {}, before).remove).toEqual(['/old']);
  });
});

describe('reactions', () => {
  it('run once each, in the order of the files', () => {
    const wanted = [file('/a', '', reload), file('/b', '', restart), file('/c', '', [...reload])];
    expect(reactionsFor(['/c', '/b', '/a'], wanted, {})).toEqual([
      { argv: reload, paths: ['/a', '/c'] },
      { argv: restart, paths: ['/b'] },
    ]);
  });

  it('are those of today for a file that changed earlier, and none for a settled file', () => {
    const wanted = [file('/a', '', restart), file('/b', '', reload), file('/c', '', 'none')];
    const before = { '/a': { digest: '', onChange: reload } };
    expect(reactionsFor(['/a', '/c'], wanted, before)).toEqual([{ argv: restart, paths: ['/a'] }]);
  });

  it('of a dropped file are the ones that it had', () => {
    const before = { '/old': { digest: '', onChange: reload } };
    expect(reactionsFor(['/old'], [], before)).toEqual([{ argv: reload, paths: ['/old'] }]);
  });
});

describe('the digest over all files', () => {
  const files = [file('/a', 'one', reload), file('/b', 'two', 'none')];

  it('does not depend on order or reactions', () => {
    const reversed = [file('/b', 'two', reload), file('/a', 'one', 'none')];
    expect(filesDigest(reversed)).toBe(filesDigest(files));
  });

  it('changes with path, content, mode and owner', () => {
    const [first] = files as [RenderedFile, RenderedFile];
    const variants = [
      { ...first, path: '/z' },
      { ...first, content: 'z' },
      { ...first, mode: '0600' },
      { ...first, owner: 'rabbitmq:rabbitmq' },
    ];
    const digests = [first, ...variants].map((variant) => filesDigest([variant]));
    expect(new Set(digests).size).toBe(digests.length);
  });
});
