import { waitFor } from '../../../infra/wait.ts';
import type { RigStack } from './stack.ts';

/** A mirrored queue as a broker of RabbitMQ 3.10 tells of it; brokers by their host names. */
export interface MirroredQueue {
  readonly master: string;
  readonly mirrors: readonly string[];
  readonly synchronised: readonly string[];
}

export const apiPath = (kind: string, ...names: string[]): string =>
  ['/api', kind, ...names.map(encodeURIComponent)].join('/');

const hostOf = (node: string): string => node.replace(/^rabbit@/, '').split('.')[0] ?? '';

/** Waits until a queue of the default virtual host, as `host` sees it, is as wanted. */
export async function waitForQueue(
  stack: RigStack,
  host: string,
  name: string,
  isWanted: (queue: MirroredQueue) => boolean,
): Promise<MirroredQueue> {
  return waitFor(
    async () => {
      const path = `${apiPath('queues', '/', name)}?disable_stats=true`;
      const told = await stack.api<{
        readonly node: string;
        readonly slave_nodes?: readonly string[];
        readonly synchronised_slave_nodes?: readonly string[];
      }>(host, path);
      const queue = {
        master: hostOf(told.node),
        mirrors: (told.slave_nodes ?? []).map(hostOf),
        synchronised: (told.synchronised_slave_nodes ?? []).map(hostOf),
      };
      return isWanted(queue) ? { done: true, value: queue } : { seen: JSON.stringify(queue) };
    },
    { subject: `queue ${name} to have the copies wanted`, deadlineMs: 60_000, intervalMs: 100 },
  );
}
