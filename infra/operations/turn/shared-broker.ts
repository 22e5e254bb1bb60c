import { doneWhen, type Look, waitFor } from '../../wait.ts';
import type { Channel, LiveHost } from '../channel.ts';
import { brokerHostOf, missingVotes } from '../cluster/answers.ts';
import { askCluster, isClusterHost } from '../cluster/ask.ts';
import { failOver, whyNotFailOver } from '../cluster/failover.ts';
import { waitForBoot } from '../service/readiness.ts';
import { rolesOf } from '../service/survey.ts';
import type { TurnWait } from './broker.ts';
import { refuseWithout } from './others.ts';

const intervalMs = 1_000;

/** Whether a host is one of those that take turns at one broker, or has a vote on which of them does. */
export const sharesBroker = (hosts: readonly LiveHost[], self: LiveHost): boolean =>
  hosts.some(isClusterHost) && (isClusterHost(self) || hasVote(self));

const votersBeside = (self: LiveHost, hosts: readonly LiveHost[]): LiveHost[] =>
  hosts.filter((host) => (isClusterHost(host) || hasVote(host)) && host.name !== self.name);

const hasVote = (host: LiveHost): boolean => rolesOf(host).includes('quorum');

/**
 * Makes a host that is about to be replaced one that nobody needs, where it shares a broker with others;
 * any other host is left alone. One that does not run has nothing to hand over, but the host in its place
 * needs another one that runs: the first boot ends with both in the cluster.
 * @throws UserError, with the host as it was, when others are down or do not come back in time
 */
export async function spareSharedHost(
  channel: Channel,
  name: string,
  wait: TurnWait,
): Promise<void> {
  const hosts = await channel.hosts();
  const self = hosts.find((host) => host.name === name);
  if (self === undefined || !sharesBroker(hosts, self)) return;
  if (self.state === 'running') await handBrokerOver(channel, self, hosts, wait);
  else refuseWithout('vote of its cluster', self, votersBeside(self, hosts));
}

/**
 * Waits until the others can do without a host: with a majority of votes among them, and a copy of the
 * disk that is up to date. Then has the broker move to one of them, should it be here.
 * @throws UserError, with the host as it was, when others are down or do not come back in time
 */
export async function handBrokerOver(
  channel: Channel,
  self: LiveHost,
  hosts: readonly LiveHost[],
  { deadlineMs, onHeld }: TurnWait,
): Promise<void> {
  const voters = votersBeside(self, hosts);
  refuseWithout('vote of its cluster', self, voters);
  const others = voters.filter(isClusterHost);
  for (const { name } of others) {
    await waitForBoot(channel, name, {
      ...{ deadlineMs, onHeld },
      subject: `${name} to boot, before ${self.name} is replaced`,
    });
    await waitFor(async () => lookAtCopy(channel, name), {
      ...{ deadlineMs, intervalMs },
      subject: `${name} to be fit for the broker, before ${self.name} is replaced`,
    });
  }
  const [next] = others;
  if (next === undefined || hasVote(self)) return;
  const holder = brokerHostOf(await askCluster(channel, next.name));
  if (holder === self.name) await failOver(channel, next);
}

async function lookAtCopy(channel: Channel, host: string): Promise<Look<true>> {
  const answer = await askCluster(channel, host);
  if (missingVotes(answer) > 0) return { seen: 'the quorum device does not vote' };
  const refused = whyNotFailOver(answer, host);
  return doneWhen(refused === undefined, refused?.value ?? 'it is not');
}
