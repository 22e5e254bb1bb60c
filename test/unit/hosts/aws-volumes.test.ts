import { spawnSync } from 'node:child_process';
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HostRoot } from '../../lib/host-root.ts';

const lib = 'usr/local/lib/rabbitmq-ha-kit';
const program = `${lib}/mount-volumes`;
const device = 'dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_vol0123456789abcdef0';
let host: HostRoot;

/** Real tools judge and make file systems, in a file that stands for the volume. */
beforeEach(() => {
  host = new HostRoot();
  host.program(`aws/${program}`);
  host.put(
    'etc/rabbitmq-ha-kit/target.env',
    `VOLUMES='broker-1-data=${host.path}/var/lib/rabbitmq'\n`,
  );
  host.put(`${lib}/metadata`, '#!/bin/sh\necho vol-0123456789abcdef0\n', 0o755);
  host.fake('mountpoint', '[ -e "$ROOT/mounted" ]');
  host.fake('mount', 'echo "mount $*" >> "$ROOT/arguments"');
  host.fake('sleep', `[ ! -e "$ROOT/meanwhile" ] || sh "$ROOT/meanwhile"`);
  for (const tool of ['mkfs.ext4', 'e2fsck', 'resize2fs']) host.watch(tool);
});
afterEach(() => {
  host.remove();
});

function attach(content = ''): void {
  host.put(device, content);
  truncateSync(join(host.path, device), 16 * 1024 * 1024);
}
const used = (): string[] => host.lines('arguments').map((line) => line.split(' ')[0] ?? '');
const typeOf = (): string =>
  spawnSync('/usr/sbin/blkid', ['-p', '-o', 'value', '-s', 'TYPE', join(host.path, device)], {
    encoding: 'utf8',
  }).stdout.trim();

describe('mount-volumes', () => {
  it('makes a file system on a blank volume, once', () => {
    attach();
    expect(host.run(program)).toMatchObject({ code: 0, stderr: '' });
    expect(used()).toEqual(['mkfs.ext4', 'mount', 'resize2fs']);
    expect(host.read('arguments')).toContain(
      `mount -t ext4 -o noatime ${host.path}/${device} ${host.path}/var/lib/rabbitmq`,
    );
    expect(typeOf()).toBe('ext4');
    host.put('arguments', '');
    expect(host.run(program).code).toBe(0);
    expect(used()).toEqual(['e2fsck', 'mount', 'resize2fs']);
  });

  it('leaves a mounted one alone', () => {
    attach();
    host.put('mounted', '');
    expect(host.run(program).code).toBe(0);
    expect(used()).toEqual([]);
  });

  const refused = (named: string): string =>
    `rabbitmq-ha-kit: volume broker-1-data, vol-0123456789abcdef0, is neither blank nor ext4, but ${named}: it is left as it is`;

  it('refuses one whose content nobody knows', () => {
    attach('precious');
    const { code, stderr } = host.run(program);
    expect([code, stderr.trimEnd()]).toEqual([1, refused('something unknown')]);
    expect(used()).toEqual([]);
    expect(host.read(device).startsWith('precious')).toBe(true);
  });

  it('refuses one with another file system', () => {
    attach();
    spawnSync('/usr/sbin/mkfs.ext2', ['-q', join(host.path, device)]);
    const { code, stderr } = host.run(program);
    expect([code, stderr.trimEnd()]).toEqual([1, refused('ext2')]);
    expect(used()).toEqual([]);
  });

  it('takes one that cannot be read for anything but blank', () => {
    attach();
    host.fake('cmp', 'exit 2');
    expect(host.run(program).code).toBe(1);
    expect(used()).toEqual([]);
  });

  it('waits for the tag, then for the device', () => {
    const metadata = `#!/bin/sh\n[ -e ${host.path}/tagged ] || { echo 404 >&2; exit 22; }\necho vol-0123456789abcdef0\n`;
    host.put(`${lib}/metadata`, metadata, 0o755);
    const file = join(host.path, device);
    const attached = `mkdir -p ${file.slice(0, file.lastIndexOf('/'))}; truncate -s 16M ${file}`;
    writeFileSync(
      join(host.path, 'meanwhile'),
      `[ ! -e ${host.path}/tagged ] || { ${attached}; }\ntouch ${host.path}/tagged\n`,
    );
    expect(host.run(program)).toMatchObject({ code: 0, stderr: '' });
    expect(used()).toEqual(['mkfs.ext4', 'mount', 'resize2fs']);
  });

  it('says what it waited for', () => {
    host.fake('date', 'echo x >> "$ROOT/asked"; echo $(($(wc -l < "$ROOT/asked") * 200))');
    const { code, stderr } = host.run(program);
    expect([code, stderr.trimEnd()]).toEqual([
      1,
      `rabbitmq-ha-kit: volume broker-1-data, vol-0123456789abcdef0, is not attached: there is no ${host.path}/${device}`,
    ]);
  });
});

describe('metadata', () => {
  it('asks by a token that no process shows', () => {
    host.program(`aws/${lib}/metadata`);
    host.fake(
      'curl',
      `echo "curl $*" >> "$ROOT/arguments"
case $* in
  *--request*PUT*) echo TOKEN ;;
  *) cat >> "$ROOT/settings"; echo eni-1 ;;
esac`,
    );
    expect(host.run(`${lib}/metadata`, ['tags/instance/x', 'mac'])).toMatchObject({
      code: 0,
      stdout: 'eni-1\n',
    });
    const data = 'http://169.254.169.254/latest/meta-data';
    expect(host.lines('settings')).toEqual([
      'header = "X-aws-ec2-metadata-token: TOKEN"',
      `url = "${data}/tags/instance/x"`,
      `url = "${data}/mac"`,
    ]);
    expect(host.read('arguments')).not.toContain('TOKEN');
  });
});

describe('the release of an image', () => {
  const step = `${lib}/boot.d/05-release`;
  it.each([
    ['trixie', 0, ''],
    [
      'bookworm',
      1,
      'rabbitmq-ha-kit: the image is Debian twelve, not Debian trixie: pin another one in aws.images\n',
    ],
  ])('is judged before anything else: %s', (codename, code, stderr) => {
    host.program(`aws/${step}`);
    host.put('etc/rabbitmq-ha-kit/target.env', "RELEASE='trixie'\n");
    host.put('etc/os-release', `VERSION_CODENAME=${codename}\nPRETTY_NAME='Debian twelve'\n`);
    expect(host.run(step)).toMatchObject({ code, stderr });
  });
});
