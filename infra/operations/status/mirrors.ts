import type { QueuesAnswer } from './answers.ts';
import type { EnvironmentStatus, MirroredQueue } from './model.ts';

export interface Nodes {
  /** Name of the broker behind a node's name. */
  readonly nameOf: (node: string) => string;
  readonly isRunning: (node: string) => boolean;
}

/** Mirrored queues with their copies; other queues have no list of mirrors. */
export function mirroredQueues(queues: QueuesAnswer, nodes: Nodes): MirroredQueue[] {
  return queues
    .flatMap(({ vhost = '/', name = '', node = '', slave_nodes, synchronised_slave_nodes }) => {
      if (slave_nodes === undefined) return [];
      const synchronised = (synchronised_slave_nodes ?? []).map(nodes.nameOf);
      return [
        {
          vhost,
          name,
          master: nodes.nameOf(node),
          // Its API calls a queue live whose master is gone.
          state: nodes.isRunning(node) ? ('running' as const) : ('down' as const),
          mirrors: slave_nodes.map((mirror) => ({
            broker: nodes.nameOf(mirror),
            synchronised: synchronised.includes(nodes.nameOf(mirror)),
          })),
        },
      ];
    })
    .sort((a, b) => compare(a.vhost, b.vhost) || compare(a.name, b.name));
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const mostTold = 5;

/** What mirrored queues lack, one clause each; of many queues the first few. */
export function mirrorTroubles({ queues: { mirrored } }: EnvironmentStatus): string[] {
  const lines = mirrored.flatMap((queue) => troubleOf(queue) ?? []);
  return lines.length <= mostTold
    ? lines
    : [...lines.slice(0, mostTold), `${lines.length - mostTold} more mirrored queues lack copies`];
}

function troubleOf({ vhost, name, master, state, mirrors }: MirroredQueue): string | undefined {
  const queue = `queue ${name} in vhost ${vhost}`;
  const behind = mirrors.filter(({ synchronised }) => !synchronised).map(({ broker }) => broker);
  if (state === 'down') return `${queue} is down: it waits for its master on ${master}`;
  if (mirrors.length === 0) return `${queue} has no mirror`;
  if (behind.length > 0) return `${queue}: its mirror on ${behind.join(', ')} is not synchronised`;
  return undefined;
}
