import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HostRoot } from '../../lib/host-root.ts';

const program = 'usr/local/lib/rabbitmq-ha-kit/replicated-store';
let host: HostRoot;

/** Volumes and DRBD are stand-ins that keep their state in files and note what changes it. */
beforeEach(() => {
  host = new HostRoot();
  host.program(`drbd-pacemaker/${program}`);
  is({ founder: true });
  for (const name of ['modprobe', 'udevadm', 'vgs', 'pvs', 'vgchange', 'sleep'])
    host.fake(name, '');
  for (const name of ['pvcreate', 'vgcreate', 'mkfs.xfs']) {
    host.fake(name, `echo "${name} $*" >> "$ROOT/changes"`);
  }
  host.fake('lvcreate', 'touch "$ROOT/tags"; echo lvcreate >> "$ROOT/changes"');
  host.fake(
    'lvs',
    `[ -e "$ROOT/tags" ] || exit 5
[ "$1" != --noheadings ] || paste -s -d , "$ROOT/tags"`,
  );
  host.fake('lvchange', 'echo "$3" >> "$ROOT/tags"');
  host.fake('blkid', '[ -e "$ROOT/file-system" ]');
  host.fake(
    'drbdadm',
    `case $1 in
  cstate) cat "$ROOT/connection" ;;
  dstate) cat "$ROOT/disks" ;;
  *) echo "drbdadm $1" >> "$ROOT/changes" ;;
esac
[ "$1" != new-current-uuid ] || echo UpToDate/UpToDate > "$ROOT/disks"
[ "$1" != primary ] || [ ! -e "$ROOT/peer-is-primary" ]`,
  );
});
afterEach(() => {
  host.remove();
});

function is({ founder }: { readonly founder: boolean }): void {
  host.put(
    'etc/rabbitmq-ha-kit/drbd.env',
    `DEVICE=/dev/disk\nDRBD=/dev/drbd0\nPEER=drbd-b\nFOUNDER='${founder ? 'yes' : ''}'\n`,
  );
}
function finds(connection: string, disks: string): void {
  host.put('connection', `${connection}\n`);
  host.put('disks', `${disks}\n`);
}
const changes = (): string[] => host.lines('changes');
const founding = [
  'drbdadm new-current-uuid',
  'drbdadm primary',
  'mkfs.xfs -q -K /dev/drbd0',
  'drbdadm secondary',
];
const volume = ['lvcreate', 'drbdadm create-md', 'drbdadm adjust'];

describe('replicated-store', () => {
  it('founds where both disks are new, once', () => {
    finds('Connected', 'Inconsistent/Inconsistent');
    expect(host.run(program)).toMatchObject({ code: 0, stderr: '' });
    expect(changes()).toEqual([...volume, ...founding]);
    host.put('changes', '');
    host.put('var/lib/rabbitmq-ha-kit-cluster.loaded', '');
    expect(host.run(program).code).toBe(0);
    expect(changes()).toEqual([]);
  });

  it('has its disk there for a founder that was cut off, as long as there is no cluster', () => {
    is({ founder: false });
    host.put('tags', 'metadata\nfounded\n');
    expect(host.run(program)).toMatchObject({ code: 0, stderr: '' });
    expect(changes()).toEqual(['drbdadm adjust']);
  });

  it('makes nothing over what is there when the tags cannot be read', () => {
    host.put('tags', 'metadata\nfounded\n');
    host.fake('lvs', '[ "$1" != --noheadings ] || { echo "no lock" >&2; exit 5; }');
    expect(host.run(program).code).toBe(1);
    expect(changes()).toEqual([]);
  });

  it('leaves the founding to the founder', () => {
    is({ founder: false });
    finds('Connected', 'UpToDate/UpToDate');
    expect(host.run(program).code).toBe(0);
    expect(changes()).toEqual(volume);
  });

  it('goes on with a founding that was cut off, and keeps a file system of it', () => {
    host.put('tags', 'metadata\nfounding\nformatting\n');
    host.put('file-system', '');
    finds('Connected', 'UpToDate/UpToDate');
    expect(host.run(program).code).toBe(0);
    expect(changes()).toEqual(['drbdadm adjust', 'drbdadm primary', 'drbdadm secondary']);
    expect(host.lines('tags')).toContain('founded');
  });

  it('takes no file system for its own that was there before', () => {
    host.put('file-system', '');
    finds('Connected', 'Inconsistent/Inconsistent');
    const { code, stderr } = host.run(program);
    expect(code).toBe(1);
    expect(stderr).toContain(
      'of which drbd-b has no copy; if nobody needs it, on both hosts: drbdadm down rabbitmq; wipefs --all /dev/rabbitmq/store; lvremove --yes rabbitmq/store; and boot',
    );
    expect(changes().at(-1)).toBe('drbdadm secondary');
    expect(changes().join()).not.toContain('mkfs');
    expect(host.lines('tags')).not.toContain('founded');
  });

  describe('of a founder whose disk is new while its peer has data', () => {
    it('catches up, and leaves the end of that to the cluster manager', () => {
      finds('SyncTarget', 'Inconsistent/UpToDate');
      expect(host.run(program).code).toBe(0);
      expect(changes()).toEqual([...volume, 'drbdadm down']);
      expect(host.lines('tags')).toEqual(['metadata', 'founded']);
    });

    it('founds nothing either when it has caught up before anybody looked', () => {
      finds('Connected', 'UpToDate/UpToDate');
      host.put('peer-is-primary', '');
      expect(host.run(program)).toMatchObject({ code: 0, stderr: '' });
      expect(changes()).toEqual(volume);
    });

    it('waits for the peer, and says what it saw', () => {
      finds('WFConnection', 'Inconsistent/DUnknown');
      const { code, stderr } = host.run(program, ['0']);
      expect(code).toBe(1);
      expect(stderr).toBe(
        'replicated-store: gave up waiting for the disk of drbd-b; last seen: WFConnection, disks Inconsistent/DUnknown\n',
      );
      expect(changes()).toEqual(volume);
      expect(host.lines('tags')).toEqual(['metadata']);
    });
  });

  it('on a host that was made anew takes the disk of the one before as it is', () => {
    host.put('tags', 'metadata\nfounding\nfounded\n');
    expect(host.run(program).code).toBe(0);
    expect(changes()).toEqual(['drbdadm adjust']);
  });
});
