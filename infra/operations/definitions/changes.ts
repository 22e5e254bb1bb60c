import { canonical } from '../../canonical-json.ts';
import {
  bindingOf,
  differing,
  type Items,
  type ItemKind,
  placeOf,
  vhostPath,
} from '../../definitions/items.ts';

/** What is wanted of one broker or cluster, and what it holds. */
export interface Situation {
  readonly wanted: Items;
  readonly live: Items;
  /** Paths that the kit once made and that left the config; not all need be there any more. */
  readonly leaving: readonly string[];
}

/** What leads from what is to what is wanted. */
export interface Changes {
  /** Made, or changed in place. */
  readonly put: readonly string[];
  /** Queues and exchanges that hold their settings for life: taken away, then made as wanted. */
  readonly replaced: readonly string[];
  /** In the order in which they can go. */
  readonly removed: readonly string[];
}

/** What is to be seen of other items goes first: a queue takes its bindings along. */
const removalOrder: readonly ItemKind[] = [
  'queues',
  'bindings',
  'topic-permissions',
  'exchanges',
  'policies',
  'operator-policies',
  'permissions',
  'vhost-limits',
  'users',
  'vhosts',
];

/** Kinds that RabbitMQ never changes in place. */
const settled: readonly ItemKind[] = ['queues', 'exchanges'];

export const nothing = ({ put, replaced, removed }: Changes): boolean =>
  put.length + replaced.length + removed.length === 0;

/** Pure; says nothing about whether it may be done: see refusals.ts. */
export function planChanges({ wanted, live, leaving }: Situation): Changes {
  const different = differing(wanted, live);
  const replaced = different.filter((path) => path in live && settled.includes(placeOf(path).kind));
  const along = Object.keys(wanted).filter((path) => replaced.some((one) => goesWith(path, one)));
  const gone = leaving.filter((path) => path in live && !(path in wanted));
  const vhosts = new Set(gone.filter((path) => placeOf(path).kind === 'vhosts'));
  return {
    put: [...new Set([...different, ...along])],
    replaced,
    removed: gone
      // What is in a vhost goes with it.
      .filter((path) => vhosts.has(path) || !vhosts.has(vhostPath(placeOf(path).vhost ?? '')))
      .toSorted((a, b) => rank(a) - rank(b)),
  };
}

const rank = (path: string): number => removalOrder.indexOf(placeOf(path).kind);

/** Whether an item ends when this queue or exchange does. */
export function goesWith(path: string, owner: string): boolean {
  const { kind, vhost, rest } = placeOf(path);
  const { kind: ownerKind, vhost: ownerVhost, name } = placeOf(owner);
  if (vhost !== ownerVhost) return false;
  if (kind === 'topic-permissions') return ownerKind === 'exchanges' && rest[0] === name;
  if (kind !== 'bindings') return false;
  const { source, destination, destinationType } = bindingOf(path);
  return ownerKind === 'queues'
    ? destinationType === 'queue' && destination === name
    : source === name || (destinationType === 'exchange' && destination === name);
}

/**
 * Which of the wanted items are the kit's own: those that brokers did not have before the config
 * stated them. What clients made stays theirs, also when the config states it later.
 * @param before wanted items until now, and which of all ever wanted are the kit's own
 */
export function ownAfter(
  before: { readonly items: Items; readonly made: readonly string[] },
  wanted: Items,
  live: Items,
): string[] {
  const added = Object.keys(wanted).filter((path) => !(path in before.items));
  const kept = before.made.filter(
    (path) => !added.includes(path) && (path in wanted || path in live),
  );
  return [...kept, ...added.filter((path) => !(path in live))].toSorted();
}

/** One line for each wanted item that brokers hold otherwise or lack. */
export const describeDrift = (wanted: Items, live: Items): string[] =>
  differing(wanted, live).map((path) =>
    path in live ? `${path} is ${canonical(live[path])}` : `${path} is missing`,
  );
