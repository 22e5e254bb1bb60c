import { describe, expect, it } from 'vitest';
import type { Items } from '../../../infra/definitions/items.ts';
import { nothing, ownAfter, planChanges } from '../../../infra/operations/definitions/changes.ts';
import { documentsOf, itemsIn } from '../../../infra/operations/definitions/exported.ts';
import { hashed, verifies } from '../../../infra/operations/definitions/password-hash.ts';
import {
  exchangeEvents,
  exportOf,
  passwords,
  queueNew,
  toNew,
  vhost,
  wanted,
  wantedOf,
  without,
} from './orders-vhost.ts';

describe('items', () => {
  it('come back from a broker as they were given to it', () => {
    expect(exportOf(wanted)).toEqual(wanted);
    expect(nothing(planChanges({ wanted, live: exportOf(wanted), leaving: [] }))).toBe(true);
  });

  it('are imported with topic permissions last: they name exchanges', () => {
    const [first, second, ...more] = documentsOf(wanted, passwords);
    expect(first).not.toHaveProperty('topic_permissions');
    expect(first?.['exchanges']).toHaveLength(2);
    expect(Object.keys(second ?? {})).toEqual(['topic_permissions']);
    expect(more).toEqual([]);
  });

  it('hold no password, and tell another one', () => {
    expect(JSON.stringify(wanted)).not.toContain(passwords.shop);
    const [document] = documentsOf(wanted, { shop: 'changed by hand' });
    const live = itemsIn(document ?? {}, passwords);
    expect(live['users/shop']).toEqual({ tags: [], password: 'another' });
    expect(planChanges({ wanted, live, leaving: [] }).put).toContain('users/shop');
  });
});

describe('a password hash', () => {
  it('is RabbitMQ’s: four bytes of salt, then SHA-256 over salt and password', () => {
    // The worked example of RabbitMQ's own documentation.
    expect(verifies('kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR', 'test12')).toBe(true);
    expect(verifies('kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR', 'test13')).toBe(false);
    expect(verifies('', 'test12')).toBe(false);
  });
  it('is the same for the same password, and no other', () => {
    expect(hashed('a')).toBe(hashed('a'));
    expect(verifies(hashed('a'), 'a')).toBe(true);
    expect(hashed('a')).not.toBe(hashed('b'));
  });
});

describe('changes', () => {
  it.each<[string, Items, string[], string[]]>([
    ['a policy', wantedOf({ policies: {} }), [], ['policies/orders/limits']],
    [
      'the value of a policy',
      wantedOf({ policies: { limits: { pattern: '^new$', definition: { 'max-length': 6 } } } }),
      ['policies/orders/limits'],
      [],
    ],
    [
      'a limit',
      wantedOf({ limits: { maxQueues: 4 } }),
      ['vhost-limits/orders/max-queues'],
      ['vhost-limits/orders/max-connections'],
    ],
    [
      'a key of a binding: the new one comes before the old one goes',
      wantedOf({ bindings: [{ source: 'events', queue: 'new', routingKey: 'x' }] }),
      ['bindings/orders/e/events/q/new/x'],
      [
        toNew,
        'bindings/orders/e/amq.headers/q/old//%7B%22priority%22%3A5%2C%22x-match%22%3A%22all%22%7D',
        'bindings/orders/e/events/e/audit/',
      ],
    ],
    ['nothing', wanted, [], []],
  ])('of %s touch just that', (_, next, put, removed) => {
    const leaving = Object.keys(wanted).filter((path) => !(path in next));
    const changes = planChanges({ wanted: next, live: wanted, leaving });
    expect(changes).toEqual({ put, replaced: [], removed });
  });

  it('make what is missing, and leave alone what clients made', () => {
    const live = { ...without(wanted, toNew), 'queues/orders/of-a-client': { arguments: {} } };
    expect(planChanges({ wanted, live, leaving: [] })).toEqual({
      put: [toNew],
      replaced: [],
      removed: [],
    });
  });

  it('of an argument replace the queue and make its bindings again', () => {
    const next = wantedOf({ queues: { ...vhost.queues, new: {} } });
    const { replaced, put } = planChanges({ wanted: next, live: wanted, leaving: [] });
    expect(replaced).toEqual([queueNew]);
    expect(put.toSorted()).toEqual([toNew, queueNew].toSorted());
  });

  it('of the type of an exchange make again all that hangs on it', () => {
    const next = wantedOf({
      exchanges: { ...vhost.exchanges, events: { type: 'topic', internal: true } },
    });
    const { put } = planChanges({ wanted: next, live: wanted, leaving: [] });
    expect(put).toContain('topic-permissions/orders/shop/events');
    expect(put).toContain('bindings/orders/e/events/e/audit/');
  });

  it('take a queue before its bindings, a user last, and a vhost as a whole', () => {
    const order = (leaving: readonly string[]) =>
      planChanges({ wanted: {}, live: wanted, leaving }).removed;
    expect(order(['users/shop', toNew, exchangeEvents, queueNew])).toEqual([
      queueNew,
      toNew,
      exchangeEvents,
      'users/shop',
    ]);
    expect(order(Object.keys(wanted))).toEqual(['users/shop', 'vhosts/orders']);
  });
});

describe('what is the kit’s own', () => {
  const before = { items: { 'queues/a/kept': {} }, made: ['queues/a/kept', 'queues/a/left'] };
  it('is what brokers did not have before the config stated it', () => {
    const live = { 'queues/a/kept': {}, 'queues/a/left': {}, 'queues/a/of-a-client': {} };
    const next = { 'queues/a/kept': {}, 'queues/a/of-a-client': {}, 'queues/a/new': {} };
    expect(ownAfter(before, next, live)).toEqual([
      'queues/a/kept',
      'queues/a/left',
      'queues/a/new',
    ]);
  });
  it('ends when it left the config and is gone; who makes it then owns it', () => {
    expect(ownAfter(before, before.items, {})).toEqual(['queues/a/kept']);
    const again = { ...before.items, 'queues/a/left': {} };
    expect(ownAfter(before, again, again)).toEqual(['queues/a/kept']);
  });
});
