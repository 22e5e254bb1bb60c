import { expect } from 'vitest';
import type { RigStack } from './stack.ts';

const vhost = 'rig-orders';
const of = (kind: string, ...names: string[]): string =>
  ['/api', kind, ...names.map(encodeURIComponent)].join('/');

/** One of each kind that users make: what a swap has to carry over. */
export async function makeDefinitions(stack: RigStack, host: string): Promise<void> {
  const queue = { durable: true, arguments: { 'x-queue-type': 'quorum', 'x-max-length': 1000 } };
  const everything = { configure: '.*', write: '.*', read: '.*' };
  await stack.change(host, 'PUT', of('vhosts', vhost), { description: 'carried' });
  // No password: a user of another kind of login, which is as good for being carried.
  await stack.change(host, 'PUT', of('users', 'rig-auditor'), {
    password_hash: '',
    tags: 'monitoring',
  });
  for (const user of ['administrator', 'application', 'rig-auditor']) {
    await stack.change(host, 'PUT', of('permissions', vhost, user), everything);
  }
  await stack.change(host, 'PUT', of('policies', vhost, 'rig-limit'), {
    pattern: '^orders',
    'apply-to': 'queues',
    definition: { 'max-length-bytes': 1_000_000 },
  });
  await stack.change(host, 'PUT', of('exchanges', vhost, 'rig-topic'), {
    type: 'topic',
    durable: true,
  });
  await stack.change(host, 'PUT', of('queues', vhost, 'orders.new'), queue);
  await stack.change(host, 'POST', of('bindings', vhost, 'e', 'rig-topic', 'q', 'orders.new'), {
    routing_key: 'orders.#',
    arguments: {},
  });
}

/** @throws when one of them is not on the broker as it was made. */
export async function expectDefinitions(stack: RigStack, host: string): Promise<void> {
  const get = (path: string): Promise<unknown> => stack.api(host, path);
  expect(await get(of('vhosts', vhost))).toMatchObject({ description: 'carried' });
  expect(await get(of('users', 'rig-auditor'))).toMatchObject({ tags: ['monitoring'] });
  expect(await get(of('permissions', vhost, 'rig-auditor'))).toMatchObject({ read: '.*' });
  expect(await get(of('policies', vhost, 'rig-limit'))).toMatchObject({
    pattern: '^orders',
    definition: { 'max-length-bytes': 1_000_000 },
  });
  expect(await get(of('exchanges', vhost, 'rig-topic'))).toMatchObject({ type: 'topic' });
  expect(await get(of('queues', vhost, 'orders.new'))).toMatchObject({
    arguments: { 'x-queue-type': 'quorum', 'x-max-length': 1000 },
  });
  expect(await get(of('bindings', vhost, 'e', 'rig-topic', 'q', 'orders.new'))).toMatchObject([
    { routing_key: 'orders.#' },
  ]);
}
