import { UserError } from '../../../errors.ts';
import type { Channel, LiveHost } from '../../channel.ts';
import { brokerApi } from '../../rabbitmq-api.ts';
import { brokerHosts } from '../survey.ts';

/** A cluster of which some brokers are to go. */
export interface Removal {
  /** The last by number first: that is the order in which they go. */
  readonly leaving: readonly LiveHost[];
  /** At least one. */
  readonly staying: readonly LiveHost[];
}

/** Nodes of the cluster, by whether they run. */
export type Nodes = ReadonlyMap<string, boolean>;

interface QueueAnswer {
  readonly vhost: string;
  readonly name: string;
  readonly type: string;
  readonly durable: boolean;
  readonly exclusive: boolean;
  readonly node?: string;
  readonly synchronised_slave_nodes?: readonly string[];
}

/** Live hosts of the brokers that go and of those that stay, by their names; undefined when none goes. */
export async function removalOf(
  channel: Channel,
  gone: readonly string[],
  staying: readonly string[],
): Promise<Removal | undefined> {
  const brokers = await brokerHosts(channel);
  const leaving = brokers.filter(({ name }) => gone.includes(name)).reverse();
  if (leaving.length === 0) return undefined;
  return { leaving, staying: brokers.filter(({ name }) => staying.includes(name)) };
}

/**
 * Looks whether a cluster can do without the brokers that are to go.
 * @throws UserError when one that is to stay is down, or a queue would go with its only copy
 */
export async function inspectRemoval(channel: Channel, removal: Removal): Promise<void> {
  const nodes = await nodesOf(channel, removal);
  const down = removal.staying.filter((host) => nodes.get(nodeOf(host)) !== true);
  if (down.length > 0) {
    throw new UserError({
      what: 'brokers can be taken out of a cluster only while all that stay serve',
      value: `down: ${down.map(({ name }) => name).join(', ')}`,
      fix: 'set the number back, have `npm run up` heal them, then take brokers out',
    });
  }
  const lost = onlyCopies(await classicQueues(channel, removal), removal);
  if (lost.length === 0) return;
  throw new UserError({
    what: `classic queues have their only copy on ${namesOf(removal.leaving)}, and would go with it`,
    value: describe(lost),
    fix: 'move what they hold and delete them, or have their clients declare quorum queues; then take brokers out',
  });
}

/** Durable queues of which no broker that stays has all messages. Pure. */
export function onlyCopies(
  queues: readonly QueueAnswer[],
  { leaving, staying }: Removal,
): QueueAnswer[] {
  const [going, kept] = [leaving.map(nodeOf), staying.map(nodeOf)];
  return queues.filter(
    ({ type, durable, exclusive, node = '', synchronised_slave_nodes: copies = [] }) =>
      type === 'classic' &&
      durable &&
      !exclusive &&
      going.includes(node) &&
      !copies.some((copy) => kept.includes(copy)),
  );
}

export const nodeOf = ({ labels }: LiveHost): string => labels['node'] ?? '';

export const namesOf = (hosts: readonly LiveHost[]): string =>
  hosts.map(({ name }) => name).join(', ');

const describe = (queues: readonly QueueAnswer[]): string => {
  const shown = queues.slice(0, 10).map(({ name, vhost }) => `${name} in vhost ${vhost}`);
  const more = queues.length > shown.length ? `, and ${queues.length - shown.length} more` : '';
  return `${shown.join(', ')}${more}`;
};

const classicQueues = (channel: Channel, removal: Removal): Promise<QueueAnswer[]> =>
  ask(removal, async (host) =>
    brokerApi(channel, host).get<QueueAnswer[]>(
      '/api/queues?disable_stats=true&columns=' +
        'vhost,name,type,durable,exclusive,node,synchronised_slave_nodes',
      { timeoutMs: 60_000 },
    ),
  );

export async function nodesOf(channel: Channel, removal: Removal): Promise<Nodes> {
  const nodes = await ask(removal, async (host) =>
    brokerApi(channel, host).get<{ name: string; running: boolean }[]>(
      '/api/nodes?columns=name,running',
    ),
  );
  return new Map(nodes.map(({ name, running }) => [name, running]));
}

/** The answer of the first broker that stays and gives one. */
async function ask<T>({ staying }: Removal, question: (host: string) => Promise<T>): Promise<T> {
  let reason: unknown;
  for (const { name } of staying) {
    try {
      return await question(name);
    } catch (error) {
      reason = error;
    }
  }
  throw new Error('no broker that stays answers', { cause: reason });
}
