import type { Channel } from '../channel.ts';
import { exportDefinitions } from '../service/definitions.ts';
import type { BrokerSet } from '../service/readiness.ts';
import { brokerHosts } from '../service/survey.ts';
import type { Document } from './exported.ts';

/** A broker that answers, for all that hold the same, with what it exports. */
export interface Answer {
  readonly host: string;
  readonly document: Document;
}

/**
 * One answer of each cluster among these brokers, and of each that stands alone: one call a broker.
 * @throws when one has nobody that answers, with the last reason
 */
export async function askBrokers(
  channel: Channel,
  { brokers, clustered }: BrokerSet,
): Promise<Answer[]> {
  const running = (await brokerHosts(channel))
    .filter(({ name, state }) => state === 'running' && brokers.includes(name))
    .map(({ name }) => name);
  const groups = clustered
    ? [running]
    : brokers.map((name) => running.filter((one) => one === name));
  return Promise.all(groups.map(async (group) => firstAnswer(channel, group)));
}

async function firstAnswer(channel: Channel, hosts: readonly string[]): Promise<Answer> {
  let reason: unknown = 'none of its hosts runs';
  for (const host of hosts) {
    try {
      return { host, document: (await exportDefinitions(channel, host)) as Document };
    } catch (error) {
      reason = error;
    }
  }
  throw new Error('no broker tells its definitions', { cause: reason });
}
