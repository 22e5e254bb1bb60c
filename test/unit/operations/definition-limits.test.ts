import { describe, expect, it } from 'vitest';
import type { Items } from '../../../infra/definitions/items.ts';
import { planChanges } from '../../../infra/operations/definitions/changes.ts';
import type { QueueUse } from '../../../infra/operations/definitions/queues.ts';
import { queuesInQuestion, refusalsOf } from '../../../infra/operations/definitions/refusals.ts';

type Definition = Readonly<Record<string, number | string>>;

const policyPath = 'policies/orders/limits';
const operatorPath = 'operator-policies/orders/ceiling';
const policy = (definition: Definition, rest: object = {}): Items[string] => ({
  pattern: '^new',
  'apply-to': 'queues',
  priority: 0,
  definition,
  ...rest,
});
const full: QueueUse = {
  vhost: 'orders',
  name: 'new',
  messages: 300,
  consumers: 0,
  bytes: 9_000,
  type: 'rabbit_quorum_queue',
};

/** What is refused when brokers with `live` are to hold `wanted` besides. */
function refused(wanted: Items, live: Items = {}, use: Partial<QueueUse> = {}, discard = false) {
  const leaving = Object.keys(live).filter((path) => !(path in wanted));
  const situation = { wanted, live, leaving };
  const changes = planChanges(situation);
  expect(queuesInQuestion(changes, { discard: false }).vhosts).toEqual(['orders']);
  const inspection = { situation, changes, uses: [{ ...full, ...use }], replace: false, discard };
  return refusalsOf(inspection).map(({ what }) => what.replace(/^.*policies change /, ''));
}
const limited = (definition: Definition, rest: object = {}): Items => ({
  [policyPath]: policy(definition, rest),
});

describe('a policy that cuts what queues hold', () => {
  it.each<[Definition, Definition | undefined, string]>([
    [{ 'max-length': 100 }, undefined, 'max-length none to 100'],
    [{ 'max-length': 100 }, { 'max-length': 500 }, 'max-length 500 to 100'],
    [{ 'max-length-bytes': 8_999 }, undefined, 'max-length-bytes none to 8999'],
    [{ 'message-ttl': 0 }, { 'message-ttl': 60_000 }, 'message-ttl 60000 to 0'],
    [{ expires: 1_000 }, undefined, 'expires none to 1000'],
    [
      { 'max-length': 100 },
      { 'max-length': 100, overflow: 'reject-publish' },
      'max-length 100 to 100',
    ],
  ])('%j after %j', (next, before, expected) => {
    expect(refused(limited(next), before === undefined ? {} : limited(before))).toEqual([expected]);
  });

  it('is told with the queue, what it holds and the way out', () => {
    const situation = { wanted: limited({ 'max-length': 100 }), live: {}, leaving: [] };
    const changes = planChanges(situation);
    expect(
      refusalsOf({ situation, changes, uses: [full], replace: false, discard: false }),
    ).toEqual([
      {
        path: 'queues/orders/new',
        what: 'would lose messages at once: it holds 300 messages, and policies change max-length none to 100',
        fix: expect.stringContaining('--discard-messages') as string,
      },
    ]);
  });

  it('may, where its user lets go of messages', () => {
    expect(refused(limited({ 'max-length': 100 }), {}, {}, true)).toEqual([]);
  });

  it.each<[string, Items, Items, Partial<QueueUse>]>([
    ['it holds no more than that', limited({ 'max-length': 300 }), {}, {}],
    ['the limit rises', limited({ 'max-length': 100 }), limited({ 'max-length': 50 }), {}],
    ['it holds nothing', limited({ 'message-ttl': 0 }), {}, { messages: 0 }],
    ['the broker rejects', limited({ 'max-length': 1, overflow: 'reject-publish' }), {}, {}],
    ['it is another queue', limited({ 'max-length': 1 }), {}, { name: 'old' }],
    ['it is another type', limited({ 'max-length': 1 }, { 'apply-to': 'streams' }), {}, {}],
    ['it is used', limited({ expires: 1 }), {}, { consumers: 1 }],
  ])('is welcome where %s', (_, wanted, live, use) => {
    expect(refused(wanted, live, use)).toEqual([]);
  });

  it('is one whose queue says nothing, too', () => {
    const silent = { messages: null, bytes: null, consumers: null };
    expect(refused(limited({ 'max-length': 100 }), {}, silent)).toHaveLength(1);
  });

  it('counts by what comes of all: the highest priority, the ceiling, the arguments', () => {
    const other = { 'policies/orders/other': policy({ 'max-length': 1_000 }, { priority: 5 }) };
    const low = limited({ 'max-length': 100 });
    expect(refused({ ...other, ...low }, other)).toEqual([]);
    // What leaves uncovers what was below it.
    expect(refused(low, { ...other, ...low })).toEqual(['max-length 1000 to 100']);
    expect(refused({ [operatorPath]: policy({ 'max-length': 200 }) }, other)).toEqual([
      'max-length 1000 to 200',
    ]);
    const queue = { 'queues/orders/new': { arguments: { 'x-max-length': 100 } } };
    expect(refused({ ...queue, ...limited({ 'max-length': 200 }) }, queue)).toEqual([]);
  });

  it('shortens a stream by age or size', () => {
    const stream = { type: 'rabbit_stream_queue', bytes: null };
    expect(refused(limited({ 'max-age': '12h' }), limited({ 'max-age': '7D' }), stream)).toEqual([
      'max-age 604800 to 43200',
    ]);
    expect(refused(limited({ 'max-age': '7D' }), limited({ 'max-age': '12h' }), stream)).toEqual(
      [],
    );
    expect(refused(limited({ 'max-length-bytes': 1 }), {}, stream)).toHaveLength(1);
  });
});
