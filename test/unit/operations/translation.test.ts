import { describe, expect, it } from 'vitest';
import type { MirroringPolicy } from '../../../infra/plan/contexts.ts';
import type { Definitions } from '../../../infra/operations/service/definitions.ts';
import { translateDefinitions } from '../../../infra/operations/service/translation/index.ts';

const queue = (name: string, args: object = {}, rest: object = {}) => ({
  name,
  vhost: '/',
  durable: true,
  auto_delete: false,
  arguments: args,
  ...rest,
});
const policy = (name: string, definition: object, rest: object = {}) => ({
  vhost: '/',
  name,
  pattern: '^orders',
  'apply-to': 'queues',
  priority: 0,
  definition,
  ...rest,
});

/** As its hosts have it; only the definition goes into other policies. */
const mirroring: MirroringPolicy = {
  pattern: '.*',
  'apply-to': 'queues',
  priority: 0,
  definition: {
    'ha-mode': 'exactly',
    'ha-params': 2,
    'ha-sync-mode': 'automatic',
    'ha-sync-batch-size': 4096,
    'ha-promote-on-failure': 'when-synced',
    'ha-promote-on-shutdown': 'when-synced',
  },
};

const quorum = (definitions: Definitions, brokers = 3, topology = 'quorum-cluster') =>
  translateDefinitions(definitions, 'mirrored-cluster', { topology, brokers });
const mirrored = (definitions: Definitions) =>
  translateDefinitions(definitions, 'quorum-cluster', {
    topology: 'mirrored-cluster',
    brokers: 3,
    mirroring,
  });

type Queues = readonly { readonly name: string; readonly arguments: unknown }[];
const argumentsOf = (definitions: Definitions): Record<string, unknown> =>
  Object.fromEntries(
    (definitions.queues as unknown as Queues).map(({ name, arguments: args }) => [name, args]),
  );

it('changes nothing between brokers of one kind', () => {
  const exported = { rabbit_version: '4.0.5', queues: [queue('orders')] };
  const place = { topology: 'warren', brokers: 1 };
  expect(translateDefinitions(exported, 'quorum-cluster', place)).toEqual({
    definitions: exported,
    leftBehind: [],
  });
});

describe('queues of a mirrored cluster', () => {
  it.each([
    [{}, { 'x-queue-type': 'quorum' }],
    [{ 'x-expires': 9 }, { 'x-expires': 9, 'x-queue-type': 'quorum' }],
    [{ 'x-ha-policy': 'all' }, { 'x-queue-type': 'quorum' }],
    [{ 'x-queue-mode': 'lazy', 'x-queue-version': 2 }, { 'x-queue-type': 'quorum' }],
    [
      { 'x-queue-master-locator': 'min-masters' },
      { 'x-queue-leader-locator': 'balanced', 'x-queue-type': 'quorum' },
    ],
    [
      { 'x-queue-master-locator': 'client-local' },
      { 'x-queue-leader-locator': 'client-local', 'x-queue-type': 'quorum' },
    ],
    [{ 'x-queue-type': 'quorum' }, { 'x-queue-type': 'quorum' }],
    [{ 'x-queue-type': 'stream' }, { 'x-queue-type': 'stream' }],
  ])('with %j become those with %j, without a loss', (given, expected) => {
    const { definitions, leftBehind } = quorum({ queues: [queue('orders', given)] });
    expect(argumentsOf(definitions)).toEqual({ orders: expected });
    expect(leftBehind).toEqual([]);
  });

  it('stay classic where a quorum queue cannot be what they are, and that is a loss', () => {
    const { definitions, leftBehind } = quorum({
      queues: [
        queue('ranked', { 'x-max-priority': 5 }),
        queue('named', { 'x-queue-type': 'classic' }),
      ],
    });
    expect(argumentsOf(definitions)).toEqual({
      ranked: { 'x-max-priority': 5, 'x-queue-type': 'classic' },
      named: { 'x-queue-type': 'classic' },
    });
    expect(leftBehind).toEqual([
      'queue ranked in vhost /: quorum queues have no x-max-priority; it stays classic: one copy, and clients must declare it with x-queue-type classic',
      'queue named in vhost /: was declared as classic by name and stays so: one copy, and clients must declare it with x-queue-type classic',
    ]);
  });

  it('that are temporary or the kit’s own are left to who makes them', () => {
    const { definitions } = quorum({
      queues: [
        queue('orders'),
        queue('reply', {}, { durable: false }),
        queue('session', {}, { auto_delete: true }),
        queue('rabbitmq-ha-kit.restart'),
      ],
    });
    expect(Object.keys(argumentsOf(definitions))).toEqual(['orders']);
  });
});

describe('policies of a mirrored cluster', () => {
  const of = (definition: object, brokers?: number, topology?: string) =>
    quorum({ policies: [policy('p', definition)] }, brokers, topology);

  it('lose their ha- keys and keep the rest; one that held nothing else goes', () => {
    const given = { 'ha-mode': 'exactly', 'ha-params': 2, 'max-length': 9 };
    expect(of(given)).toEqual({
      definitions: { policies: [policy('p', { 'max-length': 9, 'target-group-size': 3 })] },
      leftBehind: [],
    });
    const { definitions } = of({ 'ha-mode': 'exactly', 'ha-params': 2 }, 1, 'warren');
    expect(definitions.policies).toEqual([]);
  });

  it("that are the kit's own go without a word: the config says what comes", () => {
    const own = policy('rabbitmq-ha-kit.mirroring', { 'ha-mode': 'all', 'ha-sync-mode': 'manual' });
    expect(quorum({ policies: [own] })).toEqual({ definitions: { policies: [] }, leftBehind: [] });
  });

  it('ask for as many members as survive the same losses', () => {
    const copies = { 'ha-mode': 'exactly', 'ha-params': 3 };
    expect(of(copies, 5).definitions.policies).toEqual([policy('p', { 'target-group-size': 5 })]);
    expect(of({ 'ha-mode': 'all' }, 7).definitions.policies).toEqual([
      policy('p', { 'target-group-size': 7 }),
    ]);
    expect(of(copies, 3).leftBehind).toEqual([
      'policy p in vhost /: its queues survived the loss of 2 brokers, there they survive 1',
    ]);
    expect(of({ 'ha-mode': 'exactly', 'ha-params': 2 }, 1, 'warren').leftBehind).toEqual([
      'policy p in vhost /: its queues survived the loss of 1 brokers, there they survive 0',
    ]);
  });

  it.each([
    [{ 'ha-mode': 'nodes', 'ha-params': ['a', 'b'] }, 'choose their members by themselves'],
    [{ 'ha-mode': 'exactly', 'ha-params': 2, 'ha-sync-mode': 'manual' }, 'ha-sync-mode manual'],
    [{ 'ha-mode': 'exactly', 'ha-params': 2, 'ha-sync-batch-size': 1 }, 'ha-sync-batch-size'],
    [
      { 'ha-mode': 'exactly', 'ha-params': 2, 'ha-promote-on-failure': 'always' },
      'ha-promote-on-failure always ends',
    ],
    [
      { 'ha-mode': 'exactly', 'ha-params': 2, 'ha-promote-on-shutdown': 'always' },
      'ha-promote-on-shutdown always ends',
    ],
  ])('with %j say so: %s', (definition, words) => {
    expect(of(definition).leftBehind).toEqual([expect.stringContaining(words)]);
  });

  it('are operator policies too', () => {
    const operator = (definition: object) => ({
      component: 'operator_policy',
      name: 'o',
      vhost: '/',
      value: { pattern: '', 'apply-to': 'queues', priority: 0, definition },
    });
    const limits = [operator({ 'max-length': 1 })];
    expect(quorum({ parameters: limits })).toEqual({
      definitions: { parameters: limits },
      leftBehind: [],
    });
    const { definitions, leftBehind } = mirrored({
      parameters: [operator({ 'max-length': 1, 'target-group-size': 3 })],
    });
    expect(definitions.parameters).toEqual(limits);
    expect(leftBehind).toHaveLength(1);
  });
});

describe('definitions of RabbitMQ 4', () => {
  it('drop what RabbitMQ 3.10 does not know of an export', () => {
    const { definitions } = mirrored({
      rabbit_version: '4.0.5',
      rabbitmq_definition_format: 'cluster',
      vhosts: [
        { name: '/', description: 'd', tags: [], default_queue_type: 'quorum', metadata: {} },
      ],
    });
    expect(definitions).toEqual({ vhosts: [{ name: '/', description: 'd', tags: [] }] });
  });

  it.each([
    [{ 'x-queue-type': 'quorum' }, {}, []],
    [{ 'x-queue-type': 'quorum', 'x-expires': 9 }, { 'x-expires': 9 }, []],
    [{ 'x-queue-type': 'classic' }, { 'x-queue-type': 'classic' }, undefined],
    [{ 'x-queue-type': 'stream' }, { 'x-queue-type': 'stream' }, undefined],
    [
      { 'x-queue-type': 'classic', 'x-queue-leader-locator': 'balanced' },
      { 'x-queue-type': 'classic', 'x-queue-master-locator': 'min-masters' },
      undefined,
    ],
    [
      { 'x-queue-type': 'quorum', 'x-queue-leader-locator': 'balanced' },
      { 'x-queue-master-locator': 'min-masters' },
      [],
    ],
    [{ 'x-queue-type': 'quorum', 'x-delivery-limit': 3 }, {}, ['x-delivery-limit']],
    [{ 'x-queue-type': 'quorum', 'x-quorum-initial-group-size': 5 }, {}, ['mirroring policy']],
    [{ 'x-queue-type': 'quorum', 'x-dead-letter-strategy': 'at-least-once' }, {}, ['strategy']],
  ])('make queues with %j those with %j', (given, expected, losses) => {
    const { definitions, leftBehind } = mirrored({ queues: [queue('orders', given)] });
    expect(argumentsOf(definitions)).toEqual({ orders: expected });
    const type = expect.stringMatching(/^the type of 1 quorum queue: mirrored classic/) as string;
    expect(leftBehind).toEqual(
      losses === undefined
        ? []
        : [type, ...losses.map((words) => expect.stringContaining(words) as string)],
    );
  });

  it('give every policy on queues the mirrors that it would else take away', () => {
    const { definitions, leftBehind } = mirrored({
      policies: [
        policy('limit', { 'max-length': 9, 'queue-leader-locator': 'balanced' }),
        policy('typed', { 'message-ttl': 9 }, { 'apply-to': 'quorum_queues' }),
        policy('routes', { 'alternate-exchange': 'x' }, { 'apply-to': 'exchanges' }),
      ],
    });
    expect(definitions.policies).toEqual([
      policy('limit', {
        'max-length': 9,
        'queue-master-locator': 'min-masters',
        ...mirroring.definition,
      }),
      policy('typed', { 'message-ttl': 9, ...mirroring.definition }),
      policy('routes', { 'alternate-exchange': 'x' }, { 'apply-to': 'exchanges' }),
    ]);
    expect(leftBehind).toEqual([]);
  });

  it('ask for as many copies as survive what the members did', () => {
    const copies = (members: number) =>
      mirrored({ policies: [policy('p', { 'target-group-size': members })] }).definitions.policies;
    const exactly = (count: number) => [
      policy('p', { ...mirroring.definition, 'ha-mode': 'exactly', 'ha-params': count }),
    ];
    expect([1, 3, 5, 7].map(copies)).toEqual([2, 2, 3, 3].map(exactly));
  });

  it('lose policy keys that only quorum queues have, and policies of nothing else', () => {
    const { definitions, leftBehind } = mirrored({
      policies: [policy('p', { 'delivery-limit': 3, 'consumer-timeout': 5 })],
    });
    expect(definitions.policies).toEqual([]);
    expect(leftBehind).toEqual([
      "policy p in vhost /: delivery-limit has no equivalent in RabbitMQ 3.10's classic queues",
      "policy p in vhost /: consumer-timeout has no equivalent in RabbitMQ 3.10's classic queues",
    ]);
  });

  it('lose exchanges of a new type, with their bindings', () => {
    const exchange = (name: string, type: string) => ({ name, vhost: '/', type });
    const binding = (source: string, destination: string, type: string) => ({
      source,
      vhost: '/',
      destination,
      destination_type: type,
    });
    const { definitions, leftBehind } = mirrored({
      exchanges: [exchange('near', 'x-local-random'), exchange('logs', 'topic')],
      bindings: [
        binding('near', 'orders', 'queue'),
        binding('logs', 'near', 'exchange'),
        binding('logs', 'near', 'queue'),
      ],
    });
    expect(definitions).toEqual({
      exchanges: [exchange('logs', 'topic')],
      bindings: [binding('logs', 'near', 'queue')],
    });
    expect(leftBehind).toEqual([
      'exchange near in vhost / and its bindings: RabbitMQ 3.10 has no type x-local-random',
    ]);
  });
});

it('a queue goes there and comes back as it was', () => {
  const there = quorum({ queues: [queue('orders', { 'x-expires': 9 })] }).definitions;
  expect(mirrored(there).definitions.queues).toEqual([queue('orders', { 'x-expires': 9 })]);
});
