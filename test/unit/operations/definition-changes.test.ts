import { describe, expect, it } from 'vitest';
import type { Items } from '../../../infra/definitions/items.ts';
import {
  nothing,
  ownAfter,
  planChanges,
  type Situation,
} from '../../../infra/operations/definitions/changes.ts';
import {
  documentsOf,
  itemsIn,
  withPasswords,
} from '../../../infra/operations/definitions/exported.ts';
import { hashed, verifies } from '../../../infra/operations/definitions/password-hash.ts';
import type { QueueUse } from '../../../infra/operations/definitions/queues.ts';
import {
  queuesInQuestion,
  refusalError,
  refusalsOf,
} from '../../../infra/operations/definitions/refusals.ts';
import { plan } from '../../lib/plans.ts';

const vhost = {
  description: 'Orders',
  limits: { maxConnections: 10 },
  permissions: { shop: { read: '.*' } },
  topicPermissions: { shop: { events: { write: '^order' } } },
  exchanges: { events: { type: 'topic' }, audit: { type: 'fanout' } },
  queues: {
    new: { arguments: { 'x-max-length': 10 } },
    old: { type: 'classic' },
  },
  bindings: [
    { source: 'events', queue: 'new', routingKey: 'order/#' },
    { source: 'amq.headers', queue: 'old', arguments: { 'x-match': 'all', priority: 5 } },
    { source: 'events', exchange: 'audit' },
  ],
  policies: { limits: { pattern: '^new$', definition: { 'max-length': 5 } } },
  operatorPolicies: { ceiling: { pattern: '', definition: { 'max-length-bytes': 1000 } } },
};
const passwords = { shop: 'correct horse' };

/** What a stack with this vhost wants, passwords compared. */
const wantedOf = (changes: object = {}): Items => {
  const definitions = { users: { shop: {} }, vhosts: { orders: { ...vhost, ...changes } } };
  return withPasswords(plan('quorum-cluster', { definitions }).definitions.items, passwords);
};
const wanted = wantedOf();

const without = (items: Items, ...paths: readonly string[]): Items =>
  Object.fromEntries(Object.entries(items).filter(([path]) => !paths.includes(path)));

/** What a broker would export that imported these items, and was told the limits. */
function exportOf(items: Items): Items {
  const documents = documentsOf(items, passwords);
  const merged = Object.assign({}, ...documents) as Record<string, readonly object[]>;
  const limits = Object.entries(items)
    .filter(([path]) => path.startsWith('vhost-limits/'))
    .map(([path, { value }]) => ({
      component: 'vhost-limits',
      name: 'limits',
      vhost: path.split('/')[1] ?? '',
      value: { [path.split('/')[2] ?? '']: value ?? null },
    }));
  const parameters = [...(merged['parameters'] ?? []), ...limits];
  return itemsIn(JSON.parse(JSON.stringify({ ...merged, parameters })) as never, passwords);
}

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

const queueNew = 'queues/orders/new';
const exchangeEvents = 'exchanges/orders/events';
const toNew = 'bindings/orders/e/events/q/new/order%2F%23';

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

describe('refused', () => {
  const inspect = (
    situation: Situation,
    uses: readonly Partial<QueueUse>[] = [],
    replace = false,
  ): string[] => {
    const changes = planChanges(situation);
    const asked = uses.map((use) => ({
      vhost: 'orders',
      name: 'new',
      messages: 0,
      consumers: 0,
      bytes: 0,
      type: 'rabbit_quorum_queue',
      ...use,
    }));
    return refusalsOf({ situation, changes, uses: asked, replace, discard: false }).map(
      ({ path, what }) => `${path} ${what}`,
    );
  };
  const longer = wantedOf({
    queues: { ...vhost.queues, new: { arguments: { 'x-max-length': 20 } } },
  });
  const replacing: Situation = { wanted: longer, live: wanted, leaving: [] };
  const gone = without(wanted, queueNew, toNew);
  const removing: Situation = { wanted: gone, live: wanted, leaving: [queueNew, toNew] };

  it.each<[string, Situation, Partial<QueueUse>[], boolean, string[]]>([
    ['an argument', replacing, [{}], false, ['cannot change in place: x-max-length 10 to 20']],
    ['nothing: an empty queue may be replaced', replacing, [{}], true, []],
    [
      'messages in it',
      replacing,
      [{ messages: 3 }],
      true,
      ['cannot be made anew (x-max-length 10 to 20) while it is in use: 3 messages'],
    ],
    [
      'a consumer on it',
      replacing,
      [{ consumers: 1 }],
      true,
      ['cannot be made anew (x-max-length 10 to 20) while it is in use: 1 consumer'],
    ],
    [
      'messages in one that left',
      removing,
      [{ messages: 1, consumers: 2 }],
      false,
      ['left the config and is still in use: 1 message and 2 consumers'],
    ],
    [
      'one that does not answer',
      removing,
      [{ messages: null }],
      true,
      ['left the config and is still in use: it does not say what it holds'],
    ],
    ['nothing: one that left is empty', removing, [{}], false, []],
  ])('%s', (_, situation, uses, replace, expected) => {
    expect(inspect(situation, uses, replace)).toEqual(
      expected.map((what) => `${queueNew} ${what}`),
    );
  });

  it('a binding of a client that would go along', () => {
    const foreign = 'bindings/orders/e/events/q/of-a-client/';
    const live = { ...wanted, [foreign]: {} };
    const leaving = [exchangeEvents, toNew, 'bindings/orders/e/events/e/audit/'];
    const situation = { wanted: without(wanted, ...leaving), live, leaving };
    expect(inspect(situation)).toEqual([
      `${exchangeEvents} left the config and cannot go without what clients made: binding from events to queue of-a-client in vhost orders`,
    ]);
  });

  it('a vhost with anything of a client in it, temporary queues included', () => {
    const leaving = Object.keys(wanted);
    const live = { ...wanted, 'exchanges/orders/of-a-client': {} };
    const uses = [{}, { name: 'temporary' }, { name: 'old', messages: 4 }];
    expect(inspect({ wanted: {}, live, leaving }, uses)).toEqual([
      'vhosts/orders left the config and holds messages: queue old: 4 messages',
      'vhosts/orders left the config and holds what clients made: exchange of-a-client in vhost orders; queue temporary in vhost orders',
    ]);
    expect(inspect({ wanted: {}, live: wanted, leaving }, [{}])).toEqual([]);
  });

  it('all at once, with what would have to happen', () => {
    const situation = {
      wanted: without(longer, 'queues/orders/old'),
      live: wanted,
      leaving: ['queues/orders/old'],
    };
    const changes = planChanges(situation);
    expect(queuesInQuestion(changes, { discard: false }).queues.map(({ name }) => name)).toEqual([
      'new',
      'old',
    ]);
    const old = { vhost: 'orders', name: 'old', messages: 2, consumers: 0, bytes: 9 };
    const uses = [{ ...old, type: 'rabbit_classic_queue' }];
    const inspection = { situation, changes, uses, replace: false, discard: false };
    expect(refusalError(refusalsOf(inspection)).message).toMatchInlineSnapshot(`
      "definitions: 2 changes cannot be made, and nothing was changed
        queue new in vhost orders cannot change in place: x-max-length 10 to 20
          fix: set it back, or give the new one another name; or definitions.replace: when-empty, which deletes it and makes it anew if nothing is lost by that
        queue old in vhost orders left the config and is still in use: 2 messages
          fix: empty it and stop its consumers, or put it back into the config"
    `);
  });
});
