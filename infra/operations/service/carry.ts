import type { MirroringPolicy } from '../../plan/contexts.ts';
import { mirrorsQueues } from '../../plan/topologies/index.ts';
import type { Channel, LiveHost } from '../channel.ts';
import {
  type Carried,
  carryDefinitions,
  exportDefinitions,
  importDefinitions,
  lackingIn,
} from './definitions.ts';
import { type Place, translateDefinitions } from './translation/index.ts';

/** What the broker's definitions mean at another place, and one line for each thing that is lost. */
export async function readForPlace(channel: Channel, from: LiveHost, to: Place): Promise<Carried> {
  const exported = await exportDefinitions(channel, from.name);
  const carried = carryDefinitions(exported);
  const translated = translateDefinitions(carried.definitions, topologyOf(from), to);
  return {
    definitions: translated.definitions,
    leftBehind: [...carried.leftBehind, ...translated.leftBehind],
  };
}

/**
 * Brings the definitions of one broker to others: `to` are hosts of one topology, each of which
 * takes them for itself.
 * @param what `lacking` leaves what they have already as it is
 */
export async function bringDefinitions(
  channel: Channel,
  from: LiveHost,
  to: readonly LiveHost[],
  brokers: number,
  what: 'all' | 'lacking' = 'all',
): Promise<void> {
  const [first] = to;
  if (first === undefined) throw new RangeError('definitions need a broker to go to');
  const place = {
    topology: topologyOf(first),
    brokers,
    mirroring: await mirroringOf(channel, first),
  };
  const { definitions } = await readForPlace(channel, from, place);
  for (const { name } of to) {
    const news =
      what === 'all' ? definitions : lackingIn(await exportDefinitions(channel, name), definitions);
    await importDefinitions(channel, name, news);
  }
}

export const topologyOf = ({ labels }: LiveHost): string => labels['topology'] ?? '';

const policyFile = '/etc/rabbitmq-ha-kit/mirroring-policy.json';

/** The mirroring policy of a mirrored cluster, as its hosts have it. */
async function mirroringOf(channel: Channel, host: LiveHost): Promise<MirroringPolicy | undefined> {
  if (!mirrorsQueues(topologyOf(host))) return undefined;
  const { code, stdout, stderr } = await channel.run(host.name, ['cat', policyFile]);
  if (code !== 0) throw new Error(`${host.name} has no mirroring policy: ${stderr.trim()}`);
  return JSON.parse(stdout) as MirroringPolicy;
}
