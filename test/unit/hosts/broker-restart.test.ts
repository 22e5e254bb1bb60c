import { afterEach, beforeEach, expect, it } from 'vitest';
import { HostRoot } from '../../lib/host-root.ts';

const program = 'usr/local/sbin/broker-restart';
let host: HostRoot;

beforeEach(() => {
  host = new HostRoot();
  host.program(`drbd-pacemaker/${program}`);
  host.fake('crm_resource', 'echo "$*" >> "$ROOT/cluster"');
  host.fake('mq-api', 'echo "$*" >> "$ROOT/asked"');
  host.put('active', 'active');
  host.fake(
    'systemctl',
    '[ "$1" != is-active ] || { cat "$ROOT/active"; [ "$(cat "$ROOT/active")" = active ]; }',
  );
});
afterEach(() => {
  host.remove();
});

it.each(['active', 'activating'])('has the cluster restart a broker that is %s', (state) => {
  host.put('active', state);
  expect(host.run(program)).toMatchObject({ code: 0, stderr: '' });
  const [change, wait] = host.lines('cluster');
  expect(change).toMatch(/^--resource broker --set-parameter settings-of --parameter-value \d+$/);
  expect(wait).toBe('--wait');
  expect(host.lines('asked')).toHaveLength(1);
});

it.each(['inactive', 'deactivating', 'failed'])(
  'leaves one alone that is %s: its next start reads the files',
  (state) => {
    host.put('active', state);
    expect(host.run(program)).toMatchObject({ code: 0, stderr: '' });
    expect(host.has('cluster')).toBe(false);
  },
);

it('never has the cluster stop it: a host that died then would leave it stopped', () => {
  expect(host.read(program)).not.toMatch(/--restart|target-role/);
});

it('fails where the broker does not serve afterwards', () => {
  host.fake('mq-api', 'exit 1');
  expect(host.run(program).code).not.toBe(0);
});
