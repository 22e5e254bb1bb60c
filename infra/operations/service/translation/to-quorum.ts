import { mirroringPolicyName } from '../../../plan/mirroring.ts';
import type { Carried, Definitions } from '../definitions.ts';
import type { Place } from './index.ts';
import {
  nameOf,
  type Policy,
  renamed,
  type Rewrite,
  rewritePolicies,
  without,
} from './policies.ts';
import { argumentsOf, isTemporary, type Queue } from './queues.ts';

/** Where the master of a new queue goes, and what a quorum queue's leader has instead. */
const locators = { 'min-masters': 'balanced', random: 'balanced', 'client-local': 'client-local' };

/** Queue arguments that quorum queues refuse or that name what they do anyway. */
const classicOnly = new Set([
  'x-ha-policy',
  'x-ha-policy-params',
  'x-queue-mode',
  'x-queue-version',
]);

/** Definitions of a mirrored cluster in the words of RabbitMQ 4. */
export function toQuorum(definitions: Definitions, to: Place): Carried {
  const leftBehind: string[] = [];
  const say = (line: string): void => {
    leftBehind.push(line);
  };
  const { queues, ...rest } = rewritePolicies(definitions, policyToQuorum(to, say));
  return {
    definitions: {
      ...rest,
      ...(queues === undefined
        ? {}
        : {
            queues: queues
              .filter((queue) => !isTemporary(queue))
              .map((queue) => queueToQuorum(queue, say)),
          }),
    },
    leftBehind,
  };
}

function queueToQuorum(queue: Queue, say: (line: string) => void): Queue {
  const given = argumentsOf(queue);
  const type = given['x-queue-type'];
  if (type === 'quorum' || type === 'stream') return queue;
  const name = nameOf(queue);
  const alone = 'one copy, and clients must declare it with x-queue-type classic';
  if (given['x-max-priority'] !== undefined) {
    say(`queue ${name}: quorum queues have no x-max-priority; it stays classic: ${alone}`);
    return { ...queue, arguments: { ...given, 'x-queue-type': 'classic' } };
  }
  if (type === 'classic') {
    say(`queue ${name}: was declared as classic by name and stays so: ${alone}`);
    return queue;
  }
  if (given['x-overflow'] === 'reject-publish-dlx') {
    say(`queue ${name}: quorum queues reject without dead-lettering (x-overflow)`);
  }
  const kept = without(given, (key) => classicOnly.has(key));
  const located = renamed(kept, 'x-queue-master-locator', 'x-queue-leader-locator', locators);
  return { ...queue, arguments: { ...located, 'x-queue-type': 'quorum' } };
}

const policyToQuorum =
  (to: Place, say: (line: string) => void): Rewrite =>
  (policy) => {
    // The kit's own: its config says what the new brokers do.
    if (policy.name === mirroringPolicyName) return undefined;
    const { definition } = policy;
    const mirrored = definition['ha-mode'] !== undefined;
    if (mirrored) sayLosses(policy, to, say);
    const bare = without(definition, (key) => key.startsWith('ha-'));
    const located = renamed(bare, 'queue-master-locator', 'queue-leader-locator', locators);
    const size = mirrored ? membersFor(policy, to) : undefined;
    const keys = size === undefined ? located : { ...located, 'target-group-size': size };
    return Object.keys(keys).length === 0 ? undefined : { ...policy, definition: keys };
  };

/** Copies that a policy asks for, all of them told by their number. */
function copiesOf({ definition }: Policy, brokers: number): number {
  const params = definition['ha-params'];
  if (definition['ha-mode'] === 'all') return brokers;
  return Array.isArray(params) ? params.length : Number(params);
}

/**
 * Members that survive as many losses as the copies did: one of n copies is enough, of members a
 * majority is. Undefined where a queue cannot have more than its leader.
 */
function membersFor(policy: Policy, to: Place): number | undefined {
  if (to.brokers === 1) return undefined;
  const all = policy.definition['ha-mode'] === 'all';
  const wanted = all ? to.brokers : 2 * copiesOf(policy, to.brokers) - 1;
  return Math.min(wanted, to.brokers);
}

function sayLosses(policy: Policy, to: Place, say: (line: string) => void): void {
  const { definition } = policy;
  const of = `policy ${nameOf(policy)}`;
  const survived = copiesOf(policy, to.brokers) - 1;
  const survives = Math.floor(((membersFor(policy, to) ?? 1) - 1) / 2);
  if (survives < survived) {
    say(
      `${of}: its queues survived the loss of ${survived} brokers, there they survive ${survives}`,
    );
  }
  if (definition['ha-mode'] === 'nodes') {
    say(`${of}: quorum queues choose their members by themselves, not by ha-params`);
  }
  if (definition['ha-sync-mode'] === 'manual') {
    say(`${of}: members of quorum queues always catch up, ha-sync-mode manual has no equivalent`);
  }
  if (definition['ha-sync-batch-size'] !== undefined) {
    say(`${of}: ha-sync-batch-size has no equivalent`);
  }
  for (const key of ['ha-promote-on-failure', 'ha-promote-on-shutdown']) {
    if (definition[key] !== 'always') continue;
    say(`${of}: quorum queues never lead from a copy that lacks messages, ${key} always ends`);
  }
}
