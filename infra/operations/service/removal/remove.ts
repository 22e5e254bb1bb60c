import { messageOf } from '../../../errors.ts';
import type { Channel, LiveHost } from '../../channel.ts';
import { runOrFail } from '../../run-or-fail.ts';
import { growQueues, shrinkQueues } from '../queue-members.ts';
import { waitForStreams } from './streams.ts';
import { inspectRemoval, nodeOf, nodesOf, type Removal, removalOf } from './inspect.ts';

/** Its clients and the leaders of its queues go within seconds; it may wait for a restart elsewhere. */
const drainSeconds = 600;
const stopDeadlineMs = 150_000;
/** A replica that is new copies its stream; a standstill of this length is a fault. */
const streamsDeadlineMs = 600_000;
/** What a broker held when it was taken out; beside it nothing tells a host that this was done. */
const formerData = '/var/lib/rabbitmq/taken-out';

/**
 * Takes brokers out of a cluster for good, one after the other, the last by number first: queues get
 * their members among those that stay, and the cluster forgets the node. Each step is done where it
 * still is to be done, so that it can be repeated.
 * @param gone host names; `staying` all others
 * @throws UserError, before anything has changed, when a queue would lose messages
 */
export async function removeBrokers(
  channel: Channel,
  gone: readonly string[],
  staying: readonly string[],
): Promise<void> {
  const removal = await removalOf(channel, gone, staying);
  if (removal === undefined) return;
  await inspectRemoval(channel, removal);
  // Members first: no queue has fewer than it should while one leaves.
  await growQueues(channel, staying, removal.staying.map(nodeOf));
  for (const broker of removal.leaving) await remove(channel, removal, broker);
}

async function remove(channel: Channel, removal: Removal, broker: LiveHost): Promise<void> {
  const { name, state } = broker;
  const member = (await nodesOf(channel, removal)).get(nodeOf(broker));
  if (member !== undefined) {
    if (state === 'running') {
      const drain = ['/usr/local/sbin/broker-drain', String(drainSeconds)];
      await runOrFail(channel, name, drain, (drainSeconds + 60) * 1000);
    }
    const [witness] = removal.staying;
    if (witness === undefined) throw new RangeError('a cluster keeps at least one broker');
    await waitForStreams(channel, witness.name, removal.staying.map(nodeOf), streamsDeadlineMs);
    await shrinkQueues(channel, witness.name, nodeOf(broker));
    if (state === 'running') await stop(channel, name);
    await forget(channel, removal, broker);
  }
  if (state === 'running') await putAway(channel, name);
}

/** It does not come back by itself, whatever happens to its host until that is gone. */
const stop = (channel: Channel, host: string): Promise<void> =>
  runOrFail(
    channel,
    host,
    ['systemctl', 'disable', '--quiet', '--now', 'rabbitmq-server.service'],
    stopDeadlineMs,
  );

/** Not every node may decide that: in a cluster with Mnesia one that keeps everything in memory does not. */
async function forget(channel: Channel, removal: Removal, broker: LiveHost): Promise<void> {
  const reasons: string[] = [];
  for (const { name } of removal.staying) {
    try {
      const argv = ['rabbitmqctl', '--silent', 'forget_cluster_node', nodeOf(broker)];
      await runOrFail(channel, name, argv, 120_000);
      return;
    } catch (error) {
      if (!(await nodesOf(channel, removal)).has(nodeOf(broker))) return;
      reasons.push(messageOf(error));
    }
  }
  throw new Error(`no broker could have ${broker.name} forgotten: ${reasons.join('; ')}`);
}

/** With its data it would take itself for a member; without, it can join again as a new one. */
async function putAway(channel: Channel, host: string): Promise<void> {
  const script = `[ ! -e mnesia ] || { rm -rf ${formerData} && mv mnesia ${formerData}; }`;
  await runOrFail(channel, host, ['sh', '-c', `cd /var/lib/rabbitmq && ${script}`]);
}

/**
 * Has brokers join again that were taken out and then were wanted after all, before their hosts had gone.
 * A host that does not answer is one that boots.
 */
export async function returnBrokers(channel: Channel, brokers: readonly string[]): Promise<void> {
  const start = 'systemctl enable --quiet --now rabbitmq-server.service';
  const script = `[ ! -e ${formerData} ] || { rm -rf ${formerData} && ${start}; }`;
  await Promise.all(
    brokers.map(async (host) =>
      channel.run(host, ['sh', '-c', script], { timeoutMs: stopDeadlineMs }).catch(() => undefined),
    ),
  );
}
