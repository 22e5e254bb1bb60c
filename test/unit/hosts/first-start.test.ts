import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HostRoot } from '../../lib/host-root.ts';

const program = 'usr/local/lib/rabbitmq-ha-kit/first-start';
let host: HostRoot;

/** Firewall and disk are stand-ins: `doors` is there while nobody is let in. */
beforeEach(() => {
  host = new HostRoot();
  host.program(`drbd-pacemaker/${program}`);
  host.put('etc/rabbitmq-ha-kit/broker.env', `DATA=${host.path}/data\n`);
  host.put('etc/rabbitmq-ha-kit/drbd.env', "LISTENERS='5672, 15672'\n");
  host.put('data/.mounted', '');
  host.fake('mountpoint', '[ -e "$2/.mounted" ]');
  host.fake('nft', 'if [ "$1" = delete ]; then rm "$ROOT/doors"; else cat > "$ROOT/doors"; fi');
  host.fake('sync', 'echo "$*" >> "$ROOT/synced"');
});
afterEach(() => {
  host.remove();
});

const run = (moment: 'begin' | 'end') => host.run(program, [moment]);
const stores = (): string[] =>
  readdirSync(join(host.path, 'data'))
    .filter((name) => name.startsWith('mnesia'))
    .map((name) => name.replace(/\d+$/, 'TIME'));

describe('first-start', () => {
  it('lets nobody in before the first start is over', () => {
    expect(run('begin').code).toBe(0);
    expect(host.read('doors')).toContain('tcp dport { 5672, 15672 } reject with tcp reset');
    host.put('data/mnesia/store', '');
    expect(run('end').code).toBe(0);
    expect(host.has('doors')).toBe(false);
    expect(stores()).toEqual(['mnesia']);
  });

  it('makes a store again whose first start was cut off, and keeps the half-made one', () => {
    run('begin');
    host.put('data/mnesia/store', 'half of it');
    const { code, stderr } = run('begin');
    expect(code).toBe(0);
    expect(stderr).toContain('its store is set aside and made again');
    expect(stores()).toEqual(['mnesia.half-made-TIME']);
    expect(host.has('doors')).toBe(true);
  });

  it('leaves a store alone that a start has served from, and lets clients in at once', () => {
    run('begin');
    host.put('data/mnesia/store', 'messages');
    run('end');
    expect(run('begin')).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(host.read('data/mnesia/store')).toBe('messages');
    expect(host.has('doors')).toBe(false);
  });

  it('has the whole store on the disk before it says so', () => {
    run('begin');
    host.put('data/mnesia/store', '');
    run('end');
    const data = join(host.path, 'data');
    expect(host.lines('synced')).toEqual([`--file-system ${data}`, `${data}/.whole ${data}`]);
  });

  it('does not begin without the disk', () => {
    host.put('data/mnesia/store', '');
    host.fake('mountpoint', 'exit 32');
    const { code, stderr } = run('begin');
    expect(code).toBe(1);
    expect(stderr).toContain('is not mounted');
    expect(stores()).toEqual(['mnesia']);
  });
});
