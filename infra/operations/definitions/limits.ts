import { type Item, inVhost, type Items, placeOf } from '../../definitions/items.ts';
import type { Changes, Situation } from './changes.ts';
import type { QueueUse } from './queues.ts';
import type { Refusal } from './refusals.ts';

/**
 * A policy acts at once on what queues hold already: a lower limit drops messages, a shorter life ends
 * them, and a queue that may now expire goes with all it holds.
 */

/** Ages that can be compared are in seconds, all else as RabbitMQ has it. */
const limitKeys = ['max-length', 'max-length-bytes', 'message-ttl', 'expires', 'max-age'] as const;
type LimitKey = (typeof limitKeys)[number];

interface Limits {
  /** Infinity for none. */
  readonly of: Readonly<Record<LimitKey, number>>;
  readonly dropsHead: boolean;
}

const isPolicy = (path: string): boolean =>
  ['policies', 'operator-policies'].includes(placeOf(path).kind);

/** Vhosts whose queues may be under other limits afterwards. */
export const vhostsWithNewLimits = ({ put, removed }: Changes): string[] => [
  ...new Set([...put, ...removed].filter(isPolicy).map((path) => placeOf(path).vhost ?? '')),
];

/** Queues of `uses` that would lose messages by policies that change. Pure. */
export function refusedLimits(
  { live, wanted }: Situation,
  changes: Changes,
  uses: readonly QueueUse[],
): Refusal[] {
  const vhosts = vhostsWithNewLimits(changes);
  const kept = Object.entries(live).filter(([path]) => !changes.removed.includes(path));
  const put = changes.put.filter(isPolicy).map((path) => [path, wanted[path] ?? {}] as const);
  const after: Items = Object.fromEntries([...kept, ...put]);
  return uses
    .filter(({ vhost, messages }) => vhosts.includes(vhost) && messages !== 0)
    .flatMap((use) => {
      const path = inVhost('queues', use.vhost, use.name);
      const given = (live[path]?.['arguments'] ?? {}) as Item;
      const lost = losses(use, limitsOf(use, given, live), limitsOf(use, given, after));
      if (lost.length === 0) return [];
      return [
        {
          path,
          what: `would lose messages at once: it holds ${held(use)}, and policies change ${lost.join('; ')}`,
          fix: 'consume them first, or set the policies back, or accept the loss with --discard-messages',
        },
      ];
    });
}

const held = ({ messages }: QueueUse): string =>
  messages === null ? 'what it does not tell' : `${messages} message${messages === 1 ? '' : 's'}`;

/** `max-length none to 100`, for each limit that costs the queue something it holds. */
function losses(use: QueueUse, before: Limits, after: Limits): string[] {
  return limitKeys
    .filter((key) => {
      const tighter = after.of[key] < before.of[key];
      if (key === 'max-age' || key === 'message-ttl') return tighter;
      // One with consumers is in use.
      if (key === 'expires') return tighter && (use.consumers ?? 0) === 0;
      if (use.type === 'rabbit_stream_queue') return tighter;
      const amount = key === 'max-length' ? use.messages : use.bytes;
      const over = amount === null || amount > after.of[key];
      return after.dropsHead && over && (tighter || !before.dropsHead);
    })
    .map((key) => `${key} ${shown(before.of[key])} to ${shown(after.of[key])}`);
}

const shown = (limit: number): string => (limit === Infinity ? 'none' : String(limit));

/** Of arguments, policy and operator policy the lowest counts; of policies for a queue only one. */
function limitsOf(use: QueueUse, given: Item, items: Items): Limits {
  const policies = policiesFor(use, 'policies', items);
  const all = [...policies, ...policiesFor(use, 'operator-policies', items)];
  const limit = (key: LimitKey): number =>
    Math.min(...[given[`x-${key}`], ...all.map((definition) => definition[key])].map(amountOf));
  const overflows = policies.map(({ overflow }) => overflow ?? given['x-overflow']);
  return {
    of: Object.fromEntries(limitKeys.map((key) => [key, limit(key)])) as Limits['of'],
    dropsHead:
      overflows.length === 0
        ? dropsHead(given['x-overflow'])
        : overflows.some((overflow) => dropsHead(overflow)),
  };
}

const dropsHead = (overflow: Item[string] | undefined): boolean =>
  overflow === undefined || overflow === 'drop-head';

const secondsIn: Readonly<Record<string, number>> = {
  s: 1,
  m: 60,
  h: 3600,
  D: 86_400,
  M: 30 * 86_400,
  Y: 365 * 86_400,
};

function amountOf(value: Item[string] | undefined): number {
  if (typeof value === 'number') return value;
  const [, amount, unit] = /^(\d+)([YMDhms])$/.exec(typeof value === 'string' ? value : '') ?? [];
  return amount === undefined ? Infinity : Number(amount) * (secondsIn[unit ?? ''] ?? 1);
}

/** Definitions that apply to the queue: one, unless several of the same priority match. */
function policiesFor(
  use: QueueUse,
  kind: 'policies' | 'operator-policies',
  items: Items,
): readonly Item[] {
  const matching = Object.entries(items).filter(([path, policy]) => {
    const { kind: itsKind, vhost } = placeOf(path);
    return itsKind === kind && vhost === use.vhost && appliesTo(policy, use);
  });
  const highest = Math.max(...matching.map(([, policy]) => priorityOf(policy)));
  return matching
    .filter(([, policy]) => priorityOf(policy) === highest)
    .map(([, { definition }]) => definition as Item);
}

const priorityOf = ({ priority }: Item): number => (typeof priority === 'number' ? priority : 0);

const typesByScope: Readonly<Record<string, string>> = {
  classic_queues: 'rabbit_classic_queue',
  quorum_queues: 'rabbit_quorum_queue',
  streams: 'rabbit_stream_queue',
};

function appliesTo({ pattern, 'apply-to': scope }: Item, { name, type }: QueueUse): boolean {
  if (typeof scope !== 'string' || typeof pattern !== 'string') return false;
  if (scope === 'exchanges') return false;
  const only = typesByScope[scope];
  return (only === undefined || only === type) && matches(pattern, name);
}

/** RabbitMQ's patterns are Perl's. One that only Perl understands may match anything. */
function matches(pattern: string, name: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(name);
  } catch {
    return true;
  }
}
