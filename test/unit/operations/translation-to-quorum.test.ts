import { describe, expect, it } from 'vitest';
import { translateDefinitions } from '../../../infra/operations/service/translation/index.ts';
import { argumentsOf, mirrored, policy, queue, quorum } from './translated.ts';

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
