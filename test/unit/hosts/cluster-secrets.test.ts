import { afterEach, beforeEach, expect, it } from 'vitest';
import { HostRoot } from '../../lib/host-root.ts';

const program = 'usr/local/lib/rabbitmq-ha-kit/cluster-secrets';
const key = 'etc/corosync/authkey';
let host: HostRoot;

beforeEach(() => {
  host = new HostRoot();
  host.program(`drbd-pacemaker/${program}`);
  host.put('run/rabbitmq-ha-kit/secrets/cluster-key', 'secret');
  host.put(key, 'former');
});
afterEach(() => {
  host.remove();
});

it('makes the same key of the same secret, as long as Corosync wants it', () => {
  expect(host.run(program)).toMatchObject({ code: 0, stderr: '' });
  const made = host.read(key);
  expect(made).toMatch(/^[0-9a-f]{128}$/);
  host.put(key, 'other');
  host.run(program);
  expect(host.read(key)).toBe(made);
});

it('keeps the key that is there when it can make none', () => {
  host.fake('openssl', 'exit 1');
  expect(host.run(program).code).not.toBe(0);
  expect(host.read(key)).toBe('former');
});
