import {
  bindingOf,
  bindingPath,
  inVhost,
  type Item,
  type Items,
  type ItemKind,
  type Json,
  placeOf,
  topicPermissionPath,
  userPath,
  vhostPath,
} from '../../definitions/items.ts';
import { hashOf, isHashOf, type Password } from './password-hash.ts';

/** One entry of a section of `/api/definitions`; what is not looked at is carried as it is. */
type Entry = Readonly<Record<string, Json>>;

/** What a broker exports and imports. */
export type Document = Readonly<Record<string, Json>>;

/** Passwords of the config's users, by user. */
export type Passwords = Readonly<Record<string, Password>>;

/** Stands for a password in an item: an item is kept and shown where a password must not be. */
const asConfigured = 'as configured';

const section = (document: Document, name: string): readonly Entry[] =>
  (document[name] as readonly Entry[] | undefined) ?? [];
const text = (entry: Entry, key: string): string => {
  const value = entry[key];
  return typeof value === 'string' ? value : '';
};
const pick = (entry: Entry, keys: readonly string[]): Item =>
  Object.fromEntries(keys.filter((key) => key in entry).map((key) => [key, entry[key] ?? null]));

/** What the config wants, with the one thing about a password that can be compared. */
export const withPasswords = (wanted: Items, passwords: Passwords): Items =>
  Object.fromEntries(
    Object.entries(wanted).map(([path, item]) => {
      const { kind, name } = placeOf(path);
      const comparable = kind === 'users' && name in passwords;
      return [path, comparable ? { ...item, password: asConfigured } : item];
    }),
  );

/** Every item that a broker's export holds. */
export function itemsIn(document: Document, passwords: Passwords): Items {
  const inPlace = (
    kind: Parameters<typeof inVhost>[0],
    entries: readonly Entry[],
    name: string,
    keys: readonly string[],
  ) =>
    entries.map((entry): [string, Item] => [
      inVhost(kind, text(entry, 'vhost'), text(entry, name)),
      pick(entry, keys),
    ]);
  const permission = ['configure', 'write', 'read'];
  const policy = ['pattern', 'apply-to', 'priority', 'definition'];
  return Object.fromEntries([
    ...section(document, 'vhosts').map((entry): [string, Item] => [
      vhostPath(text(entry, 'name')),
      pick(entry, ['description', 'default_queue_type']),
    ]),
    ...section(document, 'users').map((entry): [string, Item] => [
      userPath(text(entry, 'name')),
      userIn(entry, passwords[text(entry, 'name')]),
    ]),
    ...inPlace('permissions', section(document, 'permissions'), 'user', permission),
    ...section(document, 'topic_permissions').map((entry): [string, Item] => [
      topicPermissionPath(text(entry, 'vhost'), text(entry, 'user'), text(entry, 'exchange')),
      pick(entry, ['write', 'read']),
    ]),
    ...inPlace('policies', section(document, 'policies'), 'name', policy),
    ...parametersIn(section(document, 'parameters')),
    ...inPlace('exchanges', section(document, 'exchanges'), 'name', [
      'type',
      'internal',
      'arguments',
    ]),
    ...inPlace('queues', section(document, 'queues'), 'name', ['arguments']),
    ...section(document, 'bindings').map((entry): [string, Item] => [
      bindingPath({
        vhost: text(entry, 'vhost'),
        source: text(entry, 'source'),
        destination: text(entry, 'destination'),
        destinationType: entry['destination_type'] === 'queue' ? 'queue' : 'exchange',
        routingKey: text(entry, 'routing_key'),
        arguments: (entry['arguments'] ?? {}) as Item,
      }),
      {},
    ]),
  ]);
}

function userIn(entry: Entry, password: Password | undefined): Item {
  const tags = (entry['tags'] ?? []) as readonly string[];
  const item = { tags: tags.toSorted() };
  if (password === undefined) return item;
  const same = isHashOf(text(entry, 'password_hash'), password);
  return { ...item, password: same ? asConfigured : 'another' };
}

/** Limits of vhosts and operator policies are parameters of the server's own components. */
const parametersIn = (entries: readonly Entry[]): [string, Item][] =>
  entries.flatMap((entry): [string, Item][] => {
    const vhost = text(entry, 'vhost');
    const value = (entry['value'] ?? {}) as Item;
    if (entry['component'] === 'vhost-limits') {
      return Object.entries(value).map(([limit, most]) => [
        inVhost('vhost-limits', vhost, limit),
        { value: most },
      ]);
    }
    if (entry['component'] !== 'operator_policy') return [];
    return [[inVhost('operator-policies', vhost, text(entry, 'name')), value]];
  });

/** What is to be imported, in this order, so that brokers hold these items. */
export function documentsOf(items: Items, passwords: Passwords): Document[] {
  const { 'topic-permissions': topics = [], ...rest } = Object.groupBy(
    Object.entries(items),
    ([path]) => placeOf(path).kind,
  );
  const written = (kind: ItemKind, write: (path: string, item: Item) => Entry): Entry[] =>
    (kind === 'topic-permissions' ? topics : (rest[kind] ?? [])).map(([path, item]) =>
      write(path, item),
    );
  const named = (path: string, item: Item): Entry => {
    const { vhost = '', name } = placeOf(path);
    return { ...item, vhost, name };
  };
  const durable = { durable: true, auto_delete: false };
  const everything: Document = {
    vhosts: written('vhosts', (path, item) => ({ ...item, name: placeOf(path).name })),
    users: written('users', (path, item) => user(placeOf(path).name, item, passwords)),
    permissions: written('permissions', (path, item) => forUser(path, item)),
    parameters: written('operator-policies', (path, value) => {
      const { vhost = '', name } = placeOf(path);
      return { component: 'operator_policy', vhost, name, value };
    }),
    policies: written('policies', named),
    exchanges: written('exchanges', (path, item) => ({ ...named(path, item), ...durable })),
    queues: written('queues', (path, item) => ({ ...named(path, item), ...durable })),
    bindings: written('bindings', (path) => {
      const { destinationType, routingKey, ...binding } = bindingOf(path);
      return { ...binding, destination_type: destinationType, routing_key: routingKey };
    }),
  };
  const topicPermissions = written('topic-permissions', (path, item) => ({
    ...forUser(path, item),
    exchange: placeOf(path).rest[0] ?? '',
  }));
  // RabbitMQ imports topic permissions before exchanges, and with Khepri up to 4.1 an exchange that
  // a topic permission named before it was there can never be made (rabbitmq-server #14407).
  return [everything, { topic_permissions: topicPermissions }].filter((document) =>
    Object.values(document).some((entries) => (entries as readonly Entry[]).length > 0),
  );
}

function forUser(path: string, item: Item): Entry {
  const { vhost = '', name } = placeOf(path);
  return { ...item, vhost, user: name };
}

function user(name: string, { tags = [] }: Item, passwords: Passwords): Entry {
  const password = passwords[name];
  if (password === undefined) throw new Error(`user ${name} has no password to be made with`);
  return {
    name,
    tags,
    password_hash: hashOf(password),
    hashing_algorithm: 'rabbit_password_hashing_sha256',
  };
}
