import type { Channel, LiveHost } from '../channel.ts';
import { rolesOf } from '../service/survey.ts';
import { serveAgain, yieldAddress } from './balancer.ts';
import { drainBroker, type TurnWait, undrainBroker } from './broker.ts';
import { handBrokerOver, sharesBroker } from './shared-broker.ts';

/** A host, and what it is to be made of from now on (see LiveHost.madeOf). */
export interface Succession {
  readonly host: string;
  readonly madeOf: Readonly<Record<string, string>>;
  /** Groups of targets of load balancers that are no hosts (see Channel.targetStates). */
  readonly targetGroups?: readonly string[] | undefined;
}

/** Names of what the live host is made of otherwise; undefined when it does not run. Pure. */
export function differingParts(
  hosts: readonly LiveHost[],
  { host, madeOf }: Succession,
): string[] | undefined {
  const live = hosts.find(({ name }) => name === host);
  if (live?.state !== 'running') return undefined;
  const { madeOf: known = {} } = live;
  return Object.keys(madeOf).filter((part) => part in known && known[part] !== madeOf[part]);
}

/** A boot from an image without packages, and the copies of queues, take minutes. */
const turnDeadlineMs = 900_000;

/**
 * Makes a host that is about to be replaced one that nobody needs: waits until all others of its kind
 * serve, then has clients, leaders of queues and the virtual address go to them. A host that does not
 * run needs nothing; one that is to stay after all, because a change was taken back, serves again.
 * Can be repeated.
 * @throws UserError, with the host as it was, when others are down or do not come back in time
 */
export async function takeTurn(
  channel: Channel,
  succession: Succession,
  { deadlineMs = turnDeadlineMs, onHeld }: Partial<TurnWait> = {},
): Promise<void> {
  const hosts = await channel.hosts();
  const parts = differingParts(hosts, succession);
  const self = hosts.find(({ name }) => name === succession.host);
  if (self === undefined || parts === undefined) return;
  const roles = rolesOf(self);
  const stays = parts.length === 0;
  if (sharesBroker(hosts, self)) {
    // One that is to stay may get the broker back by a fail-over, and by nothing else.
    if (!stays) await handBrokerOver(channel, self, hosts, { deadlineMs, onHeld });
    return;
  }
  if (roles.includes('broker')) {
    const company = { hosts, groups: succession.targetGroups };
    await (stays
      ? undrainBroker(channel, self)
      : drainBroker(channel, self, company, { deadlineMs, onHeld }));
  }
  if (roles.includes('balancer')) {
    await (stays ? serveAgain(channel, self) : yieldAddress(channel, self, hosts, deadlineMs));
  }
}
