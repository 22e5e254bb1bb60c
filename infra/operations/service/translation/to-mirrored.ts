import type { Carried, Definitions } from '../definitions.ts';
import type { Place } from './index.ts';
import { nameOf, renamed, type Rewrite, rewritePolicies, without } from './policies.ts';
import { argumentsOf, isTemporary, type Queue } from './queues.ts';

/** Where a quorum queue's leader goes, and what a classic queue's master has instead. */
const locators = { balanced: 'min-masters', 'client-local': 'client-local' };

/** Policy keys that RabbitMQ 3.10 does not know, and that it knows for quorum queues only. */
const unknown = new Set(['consumer-timeout', 'stream-filter-size-bytes']);
/** Members of a quorum queue; a number of copies says the same of a mirrored one. */
const groupSize = 'target-group-size';
const quorumOnly = new Set([
  'dead-letter-strategy',
  'delivery-limit',
  'max-in-memory-bytes',
  'max-in-memory-length',
]);
/** What operator policies of RabbitMQ 3.10 may hold. */
const operatorKeys = new Set(['expires', 'max-length', 'max-length-bytes', 'message-ttl']);

/** Queue arguments that RabbitMQ 3.10 refuses on a classic queue. */
const lostArguments: Readonly<Record<string, string>> = {
  'x-delivery-limit': 'has no equivalent in classic queues',
  'x-dead-letter-strategy': 'has no equivalent in classic queues',
  'x-quorum-initial-group-size': 'ends: the mirroring policy says how many copies there are',
};
const silentArguments = /^x-(queue-type|quorum-|max-in-memory-)/;

/** Types that the package itself brings; plugins are the same on both sides. */
const newExchanges = new Set(['x-local-random']);

/** Definitions of RabbitMQ 4 in the words of a mirrored cluster. */
export function toMirrored(definitions: Definitions, to: Place): Carried {
  const leftBehind: string[] = [];
  const say = (line: string): void => {
    leftBehind.push(line);
  };
  const rest = withoutNewExchanges(withOldVhosts(definitions), say);
  const { queues, ...others } = rewritePolicies(rest, policyToMirrored(to, say));
  const changed = queues?.filter((queue) => !isTemporary(queue));
  const quorum = changed?.filter((queue) => argumentsOf(queue)['x-queue-type'] === 'quorum');
  if (quorum !== undefined && quorum.length > 0) {
    say(
      `the type of ${quorum.length} quorum queue${quorum.length === 1 ? '' : 's'}: mirrored classic ` +
        'queues take their place, and clients that ask for x-queue-type quorum by name are refused there',
    );
  }
  return {
    definitions: {
      ...others,
      ...(changed === undefined
        ? {}
        : { queues: changed.map((queue) => queueToMirrored(queue, say)) }),
    },
    leftBehind,
  };
}

function queueToMirrored(queue: Queue, say: (line: string) => void): Queue {
  const given = argumentsOf(queue);
  const located = (kept: Readonly<Record<string, unknown>>): Queue => ({
    ...queue,
    arguments: renamed(kept, 'x-queue-leader-locator', 'x-queue-master-locator', locators),
  });
  if (given['x-queue-type'] === 'classic') return located(given);
  if (given['x-queue-type'] !== 'quorum') return queue;
  for (const [key, why] of Object.entries(lostArguments)) {
    if (given[key] !== undefined) say(`queue ${nameOf(queue)}: ${key} ${why}`);
  }
  const kept = without(
    given,
    (key) => silentArguments.test(key) || lostArguments[key] !== undefined,
  );
  return located(kept);
}

/**
 * Of all policies that match a queue RabbitMQ takes one: each that may match a queue says how to
 * mirror it, else the queue would lose its mirrors to a policy that limits its length.
 */
const policyToMirrored =
  (to: Place, say: (line: string) => void): Rewrite =>
  (policy, kind) => {
    const { definition } = policy;
    const lost = (key: string): boolean =>
      unknown.has(key) ||
      quorumOnly.has(key) ||
      (kind === 'operator policy' && !operatorKeys.has(key));
    for (const key of Object.keys(definition).filter(lost)) {
      say(`${kind} ${nameOf(policy)}: ${key} has no equivalent in RabbitMQ 3.10's classic queues`);
    }
    const kept = without(definition, lost);
    if (Object.keys(kept).length === 0) return undefined;
    const located = renamed(kept, 'queue-leader-locator', 'queue-master-locator', locators);
    const scope = policy['apply-to'];
    const changed = {
      ...policy,
      'apply-to': ['queues', 'exchanges', 'all'].includes(scope) ? scope : 'queues',
    };
    if (kind === 'operator policy' || scope === 'exchanges') {
      return { ...changed, definition: located };
    }
    const { [groupSize]: members, ...rest } = located;
    return { ...changed, definition: { ...rest, ...mirroringFor(members, to) } };
  };

/** There, each client says what type its queue is. */
function withOldVhosts(definitions: Definitions): Definitions {
  const { vhosts } = definitions;
  if (vhosts === undefined) return definitions;
  return {
    ...definitions,
    vhosts: vhosts.map((vhost) => ({
      ...without(vhost, (key) => /^(default_queue_type|metadata)$/.test(key)),
      name: vhost.name,
    })),
  };
}

/** The mirrors of the place, or as many copies as survive the losses that the members did. */
function mirroringFor(members: unknown, { mirroring, brokers }: Place): Record<string, unknown> {
  if (typeof members !== 'number') return { ...mirroring?.definition };
  const copies = Math.max(2, Math.min(Math.ceil((members + 1) / 2), brokers));
  return { ...mirroring?.definition, 'ha-mode': 'exactly', 'ha-params': copies };
}

type Exchange = { readonly name: string; readonly vhost: string; readonly type: string };

type Binding = {
  readonly source: string;
  readonly vhost: string;
  readonly destination: string;
  readonly destination_type: string;
};

function withoutNewExchanges(definitions: Definitions, say: (line: string) => void): Definitions {
  const exchanges = (definitions['exchanges'] ?? []) as readonly Exchange[];
  const gone = exchanges.filter(({ type }) => newExchanges.has(type));
  if (gone.length === 0) return definitions;
  for (const exchange of gone) {
    say(
      `exchange ${nameOf(exchange)} and its bindings: RabbitMQ 3.10 has no type ${exchange.type}`,
    );
  }
  const isGone = (name: string, vhost: string): boolean =>
    gone.some((exchange) => exchange.name === name && exchange.vhost === vhost);
  const bindings = (definitions['bindings'] ?? []) as readonly Binding[];
  return {
    ...definitions,
    exchanges: exchanges.filter((exchange) => !gone.includes(exchange)),
    bindings: bindings.filter(
      ({ source, destination, destination_type: type, vhost }) =>
        !isGone(source, vhost) && !(type === 'exchange' && isGone(destination, vhost)),
    ),
  };
}
