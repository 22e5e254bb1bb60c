import type { Items } from '../../../infra/definitions/items.ts';
import {
  documentsOf,
  itemsIn,
  withPasswords,
} from '../../../infra/operations/definitions/exported.ts';
import { plan } from '../../lib/plans.ts';

/** A vhost with one of each kind, as the config says it. */
export const vhost = {
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
export const passwords = { shop: 'correct horse' };

/** What a stack with this vhost wants, passwords compared. */
export const wantedOf = (changes: object = {}): Items => {
  const definitions = { users: { shop: {} }, vhosts: { orders: { ...vhost, ...changes } } };
  return withPasswords(plan('quorum-cluster', { definitions }).definitions.items, passwords);
};
export const wanted = wantedOf();

export const without = (items: Items, ...paths: readonly string[]): Items =>
  Object.fromEntries(Object.entries(items).filter(([path]) => !paths.includes(path)));

/** What a broker would export that imported these items, and was told the limits. */
export function exportOf(items: Items): Items {
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

export const queueNew = 'queues/orders/new';
export const exchangeEvents = 'exchanges/orders/events';
export const toNew = 'bindings/orders/e/events/q/new/order%2F%23';
