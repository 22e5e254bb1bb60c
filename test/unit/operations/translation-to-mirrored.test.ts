import { describe, expect, it } from 'vitest';
import { argumentsOf, mirrored, mirroring, policy, queue, quorum } from './translated.ts';

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
