import { UserError } from '../../errors.ts';
import type { Channel } from '../channel.ts';
import { inspectRemoval, removalOf } from './removal/inspect.ts';
import { brokerHosts } from './survey.ts';

/** What a set of brokers was or would be made with. */
export interface BrokerFacts {
  readonly topology: string;
  /** Host names. */
  readonly brokers: readonly string[];
  /** Settings that brokers keep for life, by config path. */
  readonly settled: Readonly<Record<string, string>>;
  /** How clients reach them: `plain`, `tls`; undefined where nobody has kept it. */
  readonly transports?: readonly string[] | undefined;
  /** Zones and addresses of hosts, by name; undefined where nobody has kept them. */
  readonly places?: Readonly<Record<string, string>> | undefined;
}

/**
 * Refuses what brokers that exist cannot follow: their data holds their names, addresses and store,
 * and a queue whose only copy is on a broker that is to go would go with it.
 * @throws UserError naming the setting, what it is and how to get there all the same.
 */
export async function inspectChange(
  channel: Channel,
  before: BrokerFacts,
  next: BrokerFacts,
  zonesMayGo: boolean,
): Promise<void> {
  const refusal = refusedChange(before, next, zonesMayGo);
  if (refusal !== undefined && (await brokerHosts(channel)).length > 0) throw refusal;
  const removal = await removalOf(channel, removedBrokers(before, next), next.brokers);
  if (removal !== undefined) await inspectRemoval(channel, removal);
}

/**
 * The first change that live brokers cannot follow. Pure.
 * @param zonesMayGo whether a zone without hosts can be taken away from beside the others
 */
export function refusedChange(
  before: BrokerFacts,
  next: BrokerFacts,
  zonesMayGo = false,
): UserError | undefined {
  for (const [path, value] of Object.entries(before.settled)) {
    const wanted = next.settled[path];
    if (wanted === undefined || wanted === value) continue;
    const comes = wanted.startsWith(`${value}, `);
    const goes = zonesMayGo && value.startsWith(`${wanted}, `);
    if (path === 'network' && before.places !== undefined && (comes || goes)) {
      const refusal = refusedZone(before, next);
      if (refusal !== undefined) return refusal;
      continue;
    }
    const why = reasons[path] ?? 'their data was made with it';
    return new UserError({
      what: `${path} of an environment whose brokers exist cannot change: ${why}`,
      value: wanted,
      allowed: value,
      fix: 'set it back; or make a second stack with it; or take this one down first',
    });
  }
  return refusedTransport(before, next);
}

/** Other reasons than the brokers' data. */
const reasons: Readonly<Record<string, string>> = {
  'aws.nat':
    'subnets would go over to other route tables before these lead to the overlay address, and before its hosts may move it there',
};

/**
 * A zone behind the others, that comes or goes again, leaves all that is there in its place, unless hosts
 * take turns over zones in such a way that one would move.
 */
function refusedZone(before: BrokerFacts, next: BrokerFacts): UserError | undefined {
  const [was, wanted] = [before.settled['network'], next.settled['network']];
  const moved = Object.entries(before.places ?? {}).flatMap(([host, place]) => {
    const now = next.places?.[host];
    return now === undefined || now === place ? [] : [`${host} (${place} to ${now})`];
  });
  if (moved.length > 0) {
    return new UserError({
      what: `other zones would move hosts that exist: ${moved.join(', ')}`,
      value: wanted,
      allowed: was,
      fix: 'set it back; or first take away the hosts that would move (fewer brokers, monitoring.enabled: false); or make a second stack with it',
    });
  }
  if (before.brokers.join() === next.brokers.join()) return undefined;
  // Firewalls of those that are there learn of the zone only once all brokers serve.
  return new UserError({
    what: 'other zones and other brokers cannot come in one step: brokers that exist would not let in those of a new zone',
    value: `${next.brokers.join(', ')} in ${wanted}`,
    allowed: 'one after the other',
    fix: 'run up with the zones, then with the other change',
  });
}

/** Those that a smaller number takes away; on a change of topology all go another way. Pure. */
export const removedBrokers = (before: BrokerFacts, next: BrokerFacts): string[] =>
  before.topology === next.topology
    ? before.brokers.filter((name) => !next.brokers.includes(name))
    : [];

/**
 * Brokers change one after the other and balancers after them, so that clients need one way that is
 * open before and after. Two changes at once would have new brokers speak to old ones in vain.
 */
function refusedTransport(before: BrokerFacts, next: BrokerFacts): UserError | undefined {
  const [old, wanted] = [before.transports, next.transports];
  if (old === undefined || wanted === undefined) return undefined;
  if (before.topology !== next.topology && old.join() !== wanted.join()) {
    return new UserError({
      what: 'the topology and the listeners (tls) of a live environment cannot change in one step',
      value: `${before.topology} with ${old.join(' and ')} to ${next.topology} with ${wanted.join(' and ')}`,
      allowed: 'one after the other',
      fix: 'run up with one of the changes, then with the other',
    });
  }
  if (wanted.some((transport) => old.includes(transport))) return undefined;
  return new UserError({
    what: 'a live environment cannot go over at one blow: clients would have no way in meanwhile',
    value: `from ${old.join(' and ')} to ${wanted.join(' and ')}`,
    allowed: 'a step in between with both: tls.enabled: true, tls.plainListeners: keep',
    fix: 'run up with that step, move the clients, then run up with what you want',
  });
}
