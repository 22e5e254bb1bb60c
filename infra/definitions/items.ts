import { canonical } from '../canonical-json.ts';

/**
 * Definitions as a flat set: each item has the path of the management API that it lives at (below
 * `/api/`) and its value as RabbitMQ spells it. Sets of items are what is compared, planned, kept in
 * the state and shown in a diff.
 */
export type Json =
  string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

export type Item = Readonly<Record<string, Json>>;

/** By path, e.g. `queues/orders/new` or `permissions/%2F/shop`. */
export type Items = Readonly<Record<string, Item>>;

export const itemKinds = [
  'vhosts',
  'vhost-limits',
  'users',
  'permissions',
  'topic-permissions',
  'policies',
  'operator-policies',
  'exchanges',
  'queues',
  'bindings',
] as const;

export type ItemKind = (typeof itemKinds)[number];

/** An item's place, taken apart. */
export interface Place {
  readonly kind: ItemKind;
  /** Undefined for users. */
  readonly vhost: string | undefined;
  /** Of the item in its vhost; of a permission the user, of a binding its source. */
  readonly name: string;
  /** The rest: exchange of a topic permission, destination, routing key and arguments of a binding. */
  readonly rest: readonly string[];
}

const pathOf = (kind: ItemKind, ...names: readonly string[]): string =>
  [kind, ...names.map(encodeURIComponent)].join('/');

export const vhostPath = (vhost: string): string => pathOf('vhosts', vhost);
export const userPath = (user: string): string => pathOf('users', user);
export const inVhost = (
  kind: Exclude<ItemKind, 'vhosts' | 'users' | 'bindings' | 'topic-permissions'>,
  vhost: string,
  name: string,
): string => pathOf(kind, vhost, name);
export const topicPermissionPath = (vhost: string, user: string, exchange: string): string =>
  pathOf('topic-permissions', vhost, user, exchange);

export interface Binding {
  readonly vhost: string;
  readonly source: string;
  readonly destination: string;
  readonly destinationType: 'queue' | 'exchange';
  readonly routingKey: string;
  readonly arguments: Item;
}

/** A binding is all of its parts: another one is another binding. */
export const bindingPath = (binding: Binding): string =>
  pathOf(
    'bindings',
    binding.vhost,
    'e',
    binding.source,
    binding.destinationType === 'queue' ? 'q' : 'e',
    binding.destination,
    binding.routingKey,
    ...(Object.keys(binding.arguments).length === 0 ? [] : [canonical(binding.arguments)]),
  );

export function placeOf(path: string): Place {
  const [kind = '', ...names] = path.split('/');
  const known = itemKinds.find((one) => one === kind);
  const [first, ...others] = names.map(decodeURIComponent);
  if (known === undefined || first === undefined) throw new RangeError(`not an item: ${path}`);
  if (known === 'users') return { kind: known, vhost: undefined, name: first, rest: [] };
  if (known === 'vhosts') return { kind: known, vhost: first, name: first, rest: [] };
  if (known === 'bindings') {
    const [, source = '', ...rest] = others;
    return { kind: known, vhost: first, name: source, rest };
  }
  const [name = '', ...rest] = others;
  return { kind: known, vhost: first, name, rest };
}

/** What a binding's path leads to. */
export function bindingOf(path: string): Binding {
  const { vhost = '', name, rest } = placeOf(path);
  const [type, destination = '', routingKey = '', given] = rest;
  return {
    vhost,
    source: name,
    destination,
    destinationType: type === 'q' ? 'queue' : 'exchange',
    routingKey,
    arguments: given === undefined ? {} : (JSON.parse(given) as Item),
  };
}

const singular: Readonly<Record<ItemKind, string>> = {
  vhosts: 'vhost',
  'vhost-limits': 'limit',
  users: 'user',
  permissions: 'permission of user',
  'topic-permissions': 'topic permission of user',
  policies: 'policy',
  'operator-policies': 'operator policy',
  exchanges: 'exchange',
  queues: 'queue',
  bindings: 'binding from',
};

/** For people, e.g. `queue new in vhost orders`. */
export function describeItem(path: string): string {
  const { kind, vhost, name, rest } = placeOf(path);
  const what = `${singular[kind]} ${name}`;
  if (kind === 'vhosts' || kind === 'users') return what;
  if (kind === 'topic-permissions') return `${what} on ${rest[0] ?? ''} in vhost ${vhost ?? ''}`;
  if (kind !== 'bindings') return `${what} in vhost ${vhost ?? ''}`;
  const { destination, destinationType, routingKey } = bindingOf(path);
  const key = routingKey === '' ? '' : ` with key ${routingKey}`;
  return `${what} to ${destinationType} ${destination}${key} in vhost ${vhost ?? ''}`;
}

/** Paths whose values differ, or that only `wanted` has. */
export const differing = (wanted: Items, live: Items): string[] =>
  Object.keys(wanted).filter((path) => canonical(wanted[path]) !== canonical(live[path]));
