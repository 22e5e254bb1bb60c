import type { Channel } from '../channel.ts';
import type { BrokerSet } from '../service/readiness.ts';
import { brokerHosts } from '../service/survey.ts';
import { applyDefinitions } from './apply.ts';

/**
 * Takes what left the config away from brokers that others have taken over from, as far as these still
 * run. When they go, they hand on what clients made since (service/retire.ts): it would come back.
 * @throws UserError when something would be lost, before the first change
 */
export async function clearFormer(
  channel: Channel,
  former: BrokerSet,
  leaving: readonly string[],
): Promise<void> {
  if (leaving.length === 0) return;
  const brokers = (await brokerHosts(channel))
    .filter(({ name, state }) => state === 'running' && former.brokers.includes(name))
    .map(({ name }) => name);
  if (brokers.length === 0) return;
  // What policies that go would cost was looked at before the first change (guard.ts).
  const wish = { items: {}, passwords: {}, leaving, replace: false, discard: true };
  await applyDefinitions(channel, { brokers, clustered: former.clustered }, wish);
}
