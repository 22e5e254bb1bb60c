import { UserError } from '../../errors.ts';
import type { Channel } from '../channel.ts';
import { brokerHosts } from './survey.ts';

/** What a set of brokers was or would be made with. */
export interface BrokerFacts {
  readonly topology: string;
  /** Host names. */
  readonly brokers: readonly string[];
  /** Settings that brokers keep for life, by config path. */
  readonly settled: Readonly<Record<string, string>>;
}

/**
 * Refuses what brokers that exist cannot follow: their data holds their names, addresses and store,
 * and a member that just vanished is one that its cluster waits for.
 * @throws UserError naming the setting, what it is and how to get there all the same.
 */
export async function inspectChange(
  channel: Channel,
  before: BrokerFacts,
  next: BrokerFacts,
): Promise<void> {
  const refusal = refusedChange(before, next);
  if (refusal === undefined) return;
  const brokers = await brokerHosts(channel);
  if (brokers.length > 0) throw refusal;
}

/** The first change that live brokers cannot follow. Pure. */
export function refusedChange(before: BrokerFacts, next: BrokerFacts): UserError | undefined {
  for (const [path, value] of Object.entries(before.settled)) {
    const wanted = next.settled[path];
    if (wanted === undefined || wanted === value) continue;
    return new UserError({
      what: `${path} of an environment whose brokers exist cannot change: their data was made with it`,
      value: wanted,
      allowed: value,
      fix: 'set it back; or make a second stack with it; or take this one down first',
    });
  }
  const gone = before.brokers.filter((name) => !next.brokers.includes(name));
  if (before.topology !== next.topology || gone.length === 0) return undefined;
  return new UserError({
    what: `brokers of a live ${before.topology} cannot be taken out by their number alone`,
    value: gone.join(', '),
    allowed: `at least ${before.brokers.length} brokers, those that there are`,
    fix: 'set the number back; a smaller environment is a second stack for now',
  });
}
