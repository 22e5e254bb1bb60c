import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodedLateFiles } from '../../../infra/render/late-files.ts';
import type { RenderedFile } from '../../../infra/render/model.ts';
import { HostRoot } from '../../lib/host-root.ts';

const program = 'usr/local/lib/rabbitmq-ha-kit/late-files';
const waiting = 'var/lib/rabbitmq-ha-kit/take-up';
const reload = ['systemctl', 'reload', 'nftables.service'];
const restart = ['broker-restart'];
let host: HostRoot;
let owner: string;

beforeEach(() => {
  host = new HostRoot();
  const { uid, gid } = statSync(host.path);
  owner = `${uid}:${gid}`;
  host.program(`aws/${program}`);
  host.put('run/rabbitmq-ha-kit/.here', '');
  host.fake('systemctl', 'echo "systemctl $*" >> "$ROOT/done"');
  host.fake('broker-restart', 'echo broker-restart >> "$ROOT/done"');
});
afterEach(() => {
  host.remove();
});

function file(path: string, content: string, onChange: RenderedFile['onChange'] = 'none') {
  return { path: join(host.path, path), content, mode: '0640', owner, onChange };
}

/** What the host has fetched. */
function fetched(...lateFiles: RenderedFile[]): void {
  const value = encodedLateFiles({ name: 'broker-1', lateFiles });
  host.put('run/rabbitmq-ha-kit/secrets/late-files', value, 0o400);
}

const first = (): RenderedFile[] => [
  file('etc/hosts', 'ten lines of "ü" \\ $HOME\n'),
  file('etc/new/cluster.conf', 'three\n', restart),
  file('etc/nftables.conf', 'table a\n', reload),
];

describe('late-files at boot', () => {
  it('puts every file in place as it is, and says which', () => {
    fetched(...first());
    const { code, stdout, stderr } = host.run(program);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.split('\n').filter(Boolean)).toEqual(first().map(({ path }) => path));
    expect(host.read('etc/hosts')).toBe('ten lines of "ü" \\ $HOME\n');
    expect(statSync(join(host.path, 'etc/hosts')).mode & 0o777).toBe(0o640);
  });

  it('puts those of a second parameter in place, too', () => {
    fetched(...first());
    const value = encodedLateFiles({ name: 'drbd-a', lateFiles: [file('usr/bin/tool', 'echo\n')] });
    host.put('run/rabbitmq-ha-kit/secrets/late-programs', value, 0o400);
    expect(host.run(program).code).toBe(0);
    expect([host.has('etc/hosts'), host.read('usr/bin/tool')]).toEqual([true, 'echo\n']);
  });

  it('has only the firewall follow, which is up before', () => {
    fetched(...first());
    host.run(program);
    expect(host.lines('done')).toEqual(['systemctl try-reload-or-restart nftables.service']);
    expect(host.has(waiting)).toBe(false);
    expect(host.run(program)).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(host.lines('done')).toHaveLength(1);
  });

  it('fails where nothing whole was fetched, and changes nothing', () => {
    host.put('etc/hosts', 'as it was\n');
    host.put('run/rabbitmq-ha-kit/secrets/late-files', 'bm90IGNvbXByZXNzZWQ=');
    expect(host.run(program).code).not.toBe(0);
    expect(host.read('etc/hosts')).toBe('as it was\n');
  });
});

describe('late-files take-up', () => {
  beforeEach(() => {
    fetched(...first());
    host.run(program);
    host.put('done', '');
  });

  it('has what runs take up what changed, and nothing else', () => {
    const [hosts, , firewall] = first() as [RenderedFile, RenderedFile, RenderedFile];
    fetched(hosts, file('etc/new/cluster.conf', 'five\n', restart), firewall);
    const { code, stdout } = host.run(program, ['take-up']);
    expect([code, stdout.trim()]).toEqual([0, join(host.path, 'etc/new/cluster.conf')]);
    expect(host.read('etc/new/cluster.conf')).toBe('five\n');
    expect(host.lines('done')).toEqual(['broker-restart']);
  });

  it('runs a command once for all files that ask for it', () => {
    const more = file('etc/more.conf', 'more\n', restart);
    fetched(file('etc/new/cluster.conf', 'five\n', restart), more);
    host.run(program, ['take-up']);
    expect(host.lines('done')).toEqual(['broker-restart']);
  });

  it('goes on with a command that failed, although the files are in place', () => {
    fetched(
      file('etc/new/cluster.conf', 'five\n', restart),
      file('etc/nftables.conf', 'table b\n', reload),
    );
    host.fake('broker-restart', 'echo "not now" >&2; exit 7');
    expect(host.run(program, ['take-up'])).toMatchObject({ code: 7, stderr: 'not now\n' });
    host.fake('broker-restart', 'echo broker-restart >> "$ROOT/done"');
    expect(host.run(program, ['take-up'])).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(host.lines('done')).toEqual(['broker-restart', reload.join(' ')]);
    host.run(program, ['take-up']);
    expect(host.lines('done')).toHaveLength(2);
  });
});
