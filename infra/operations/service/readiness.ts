import type { Channel } from '../channel.ts';
import { type BrokerApi, brokerApi } from '../rabbitmq-api.ts';
import { type Look, waitFor } from '../../wait.ts';

export interface BrokerSet {
  /** Host names. */
  readonly brokers: readonly string[];
  /** One cluster of all of them, or each alone. */
  readonly clustered: boolean;
}

interface NodeAnswer {
  readonly name: string;
  readonly running: boolean;
}

/**
 * Waits until every broker of the set serves: in a cluster, until every broker sees all of them
 * running. @throws after the deadline with what the first unready broker last said.
 */
export async function waitForBrokers(
  channel: Channel,
  set: BrokerSet,
  options: { deadlineMs: number; onSeen?: (seen: string) => void },
): Promise<void> {
  const expected = set.clustered ? set.brokers.length : 1;
  // One after the other: while the first is not ready, asking the rest only costs their CPU.
  for (const host of set.brokers) {
    const api = brokerApi(channel, host);
    await waitFor(async () => lookAtNodes(api, expected), {
      subject: `broker ${host} to see ${expected} running node${expected === 1 ? '' : 's'}`,
      deadlineMs: options.deadlineMs,
      intervalMs: 250,
      ...(options.onSeen === undefined ? {} : { onSeen: options.onSeen }),
    });
  }
}

/** Whether every broker of the set serves right now; one that does not answer in time does not. */
export async function areWhole(channel: Channel, set: BrokerSet): Promise<boolean> {
  const expected = set.clustered ? set.brokers.length : 1;
  const looks = await Promise.allSettled(
    set.brokers.map(async (host) => lookAtNodes(brokerApi(channel, host), expected, 2_000)),
  );
  return looks.every((look) => look.status === 'fulfilled' && 'done' in look.value);
}

async function lookAtNodes(
  api: BrokerApi,
  expected: number,
  timeoutMs = 5_000,
): Promise<Look<true>> {
  const nodes = await api.get<NodeAnswer[]>('/api/nodes?columns=name,running', { timeoutMs });
  const running = nodes.filter((node) => node.running);
  if (running.length === expected && nodes.length === expected) return { done: true, value: true };
  return { seen: `${running.length} of ${nodes.length} known nodes run, ${expected} expected` };
}
