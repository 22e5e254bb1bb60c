import { afterAll, beforeAll, expect, test } from 'vitest';

import { drainQueues, publishDuring } from '../lib/ledger.ts';
import { ledgerFile } from '../lib/rig/environments.ts';
import { RigStack } from '../lib/rig/stack.ts';

const vhost = {
  // The publisher of the tests declares its queues.
  permissions: {
    application: { configure: '^(new|old)$', write: '.*', read: '.*' },
    shop: { write: '^amq\\.topic$' },
  },
  topicPermissions: { shop: { 'amq.topic': { write: '^old\\.' } } },
  queues: { new: {}, old: {} },
  bindings: [{ source: 'amq.topic', queue: 'old', routingKey: 'old.#' }],
  policies: { limits: { pattern: '^new$', definition: { 'max-length': 100_000 } } },
};

/** The environment of the quorum tests, with this in its vhost. */
const defined = (changes: object) => ({
  topology: 'quorum-cluster',
  definitions: { users: { shop: {} }, vhosts: { orders: { ...vhost, ...changes } } },
});

const stack = new RigStack('test-quorum', defined({}));
const [host = ''] = stack.hosts('broker');
const limits = '/api/policies/orders/limits';
const topics = '/api/vhosts/orders/topic-permissions';
let uri = '';

const changesOf = (stdout: string): string[] =>
  Object.keys((JSON.parse(stdout) as { changes: object }).changes).filter((one) => one !== 'same');

beforeAll(async () => {
  await stack.up('--reset', '--discard-messages');
  uri = `${(await stack.outputs()).amqpUri.replace(/\/$/, '')}/orders`;
}, 300_000);

afterAll(async () => {
  // Whatever happened: the next files find the environment without definitions, and empty.
  await stack.run(host, ['sh', '-c', 'rabbitmqctl --silent delete_vhost orders || true'], 60_000);
  stack.configure({ topology: 'quorum-cluster' });
}, 90_000);

test('are made, and changed in place under a publisher', async () => {
  expect(await stack.api(host, limits)).toMatchObject({ definition: { 'max-length': 100_000 } });
  expect(await stack.api(host, topics)).toMatchObject([
    { exchange: 'amq.topic', write: '^old\\.' },
  ]);
  stack.configure(
    defined({
      policies: { limits: { pattern: '^new$', definition: { 'max-length': 90_000 } } },
    }),
  );
  const account = await publishDuring(
    {
      uri,
      queues: ['new'],
      file: ledgerFile('definitions'),
      ratePerSecond: 100,
      maxMessages: 20_000,
      minimumConfirmed: 50,
      heartbeatSeconds: 60,
    },
    async () => {
      expect(changesOf((await stack.up('--json')).stdout)).toEqual(['update']);
    },
  );
  expect(account.reconnects).toBe(0);
  expect(await stack.api(host, limits)).toMatchObject({ definition: { 'max-length': 90_000 } });
});

test('changed by hand are seen by refresh and mended by up', async () => {
  const policy = { pattern: '^new$', definition: { 'max-length': 5_000 }, 'apply-to': 'queues' };
  await stack.change(host, 'PUT', limits, policy);
  const { stdout } = await stack.pulumi('refresh', '--yes', '--diff');
  expect(stdout).toMatch(/max-length: 90000 => 5000/);
  await stack.up();
  expect(await stack.api(host, limits)).toMatchObject({ definition: { 'max-length': 90_000 } });
  expect(changesOf((await stack.up('--json')).stdout)).toEqual([]);
});

test('that would lose something are refused before the first change, then follow', async () => {
  const message = {
    properties: {},
    routing_key: 'old.1',
    payload: 'x',
    payload_encoding: 'string',
  };
  await stack.change(host, 'POST', '/api/exchanges/orders/amq.topic/publish', message);
  stack.configure(
    defined({
      queues: { new: { arguments: { 'x-delivery-limit': 3 } } },
      bindings: [],
      policies: { short: { pattern: '^old$', definition: { 'message-ttl': 1 } } },
    }),
  );
  const { code, stderr } = await stack.tryUp();
  expect(code).toBe(1);
  expect(stderr).toContain('queue new in vhost orders cannot change in place');
  expect(stderr).toContain(
    'queue old in vhost orders left the config and is still in use: 1 message',
  );
  expect(stderr).toContain(
    'queue old in vhost orders would lose messages at once: it holds 1 message, and policies change message-ttl none to 1',
  );
  expect(await stack.api(host, '/api/bindings/orders/e/amq.topic/q/old')).toHaveLength(1);

  expect(await drainQueues({ uri, queues: ['old'], deadlineMs: 10_000 })).toHaveLength(1);
  stack.configure(defined({ queues: { new: {} }, bindings: [] }));
  await stack.up();
  const queues = await stack.api<{ name: string }[]>(host, '/api/queues/orders');
  expect(queues.map(({ name }) => name)).toEqual(['new']);
});

test('that left the config go: a topic permission, then a vhost with all in it, and its user', async () => {
  expect(await stack.api(host, topics)).toHaveLength(1);
  stack.configure(defined({ queues: {}, bindings: [], policies: {}, topicPermissions: {} }));
  await stack.up();
  expect(await stack.api(host, topics)).toEqual([]);
  stack.configure({ topology: 'quorum-cluster' });
  await stack.up();
  const names = async (kind: string): Promise<string[]> =>
    (await stack.api<{ name: string }[]>(host, `/api/${kind}`)).map(({ name }) => name).sort();
  expect(await names('vhosts')).toEqual(['/']);
  expect(await names('users')).toEqual(['administrator', 'application']);
});
