import { UserError, messageOf } from '../../errors.ts';
import type { Channel, LiveHost } from '../channel.ts';
import { readForPlace } from './carry.ts';
import { temporaryQueues } from './definitions.ts';
import { type HeldQueue, heldQueues } from './messages.ts';
import type { Place } from './translation/index.ts';

/** What stands in the way of taking brokers away, and what stays behind. */
export interface Survey {
  readonly held: readonly HeldQueue[];
  readonly leftBehind: readonly string[];
}

/** Broker hosts of the environment as labelled, running or not. */
export async function brokerHosts(channel: Channel): Promise<LiveHost[]> {
  const hosts = await channel.hosts();
  return hosts.filter((host) => rolesOf(host).includes('broker'));
}

export const rolesOf = (host: LiveHost): string[] => (host.labels['roles'] ?? '').split(/[ ,]+/);

/**
 * Those of the running hosts that have a broker to ask: hosts with one node name take turns at it. Where the
 * broker is not, a question would go to where it is, through a firewall that lets no host but the right ones in.
 */
export async function servingHosts(
  channel: Channel,
  hosts: readonly LiveHost[],
): Promise<LiveHost[]> {
  const sharing = Map.groupBy(hosts, nodeOf);
  const served = await Promise.all(
    hosts
      .filter(({ state }) => state === 'running')
      .map(async (host) => {
        if (sharing.get(nodeOf(host))?.length === 1) return [host];
        return (await brokerRuns(channel, host)) ? [host] : [];
      }),
  );
  return served.flat();
}

/**
 * Running broker hosts whose broker does not run, and no other one under its node name does. Certificates have
 * no part in it.
 */
export async function stoppedBrokers(channel: Channel): Promise<string[]> {
  const running = (await brokerHosts(channel)).filter(({ state }) => state === 'running');
  const answers = await Promise.all(
    running.map(async (host) => ({ host, runs: await brokerRuns(channel, host) })),
  );
  const served = new Set(answers.filter(({ runs }) => runs).map(({ host }) => nodeOf(host)));
  return running.filter((host) => !served.has(nodeOf(host))).map(({ name }) => name);
}

/** Name of its Erlang node, which hosts that take turns at one broker share. */
const nodeOf = ({ name, labels }: LiveHost): string => labels['node'] ?? name;

async function brokerRuns(channel: Channel, { name }: LiveHost): Promise<boolean> {
  const argv = ['systemctl', 'is-active', '--quiet', 'rabbitmq-server.service'];
  return (await channel.run(name, argv)).code === 0;
}

/** Where other brokers reach it: not by its host, where it has an address of its own. */
export const brokerAddress = ({ address, labels }: LiveHost): string =>
  labels['brokerAddress'] ?? address;

/**
 * Asks the given brokers what they hold. Brokers of one cluster hold the same and one answer is
 * enough; a broker that stands alone must answer itself.
 * @param to where their definitions would go; without it only messages count
 * @throws UserError when a cluster has no broker that answers: nobody knows what would be lost.
 */
export async function surveyBrokers(
  channel: Channel,
  hosts: readonly LiveHost[],
  to?: Place,
): Promise<Survey> {
  const clusters = Map.groupBy(hosts, ({ name, labels }) => labels['cluster'] ?? name);
  // One after the other: a message that moved between two that were asked at once would count on
  // neither.
  const surveys: Survey[] = [];
  for (const [cluster, members] of clusters) {
    surveys.push(await surveyCluster(channel, cluster, members, to));
  }
  return {
    held: surveys.flatMap(({ held }) => held),
    leftBehind: [...new Set(surveys.flatMap(({ leftBehind }) => leftBehind))],
  };
}

async function surveyCluster(
  channel: Channel,
  cluster: string,
  members: readonly LiveHost[],
  to: Place | undefined,
): Promise<Survey> {
  const stopped = members.every(({ state }) => state !== 'running');
  let reason: unknown = stopped ? 'its hosts are stopped' : 'it runs on none of its hosts';
  for (const host of await servingHosts(channel, members)) {
    try {
      return await surveyBroker(channel, host, to);
    } catch (error) {
      reason = error;
    }
  }
  throw new UserError({
    what: `no broker of ${cluster} answers, so nobody knows which messages its queues hold`,
    value: messageOf(reason),
    fix: 'bring it back with `npm run up`, or accept the loss with --discard-messages',
    cause: reason,
  });
}

async function surveyBroker(
  channel: Channel,
  host: LiveHost,
  to: Place | undefined,
): Promise<Survey> {
  if (to === undefined) return { held: await heldQueues(channel, host.name), leftBehind: [] };
  const [held, temporary, { leftBehind }] = await Promise.all([
    heldQueues(channel, host.name),
    temporaryQueues(channel, host.name),
    readForPlace(channel, host, to),
  ]);
  return { held, leftBehind: [...leftBehind, ...temporary] };
}
