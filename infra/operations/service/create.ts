import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stateDir } from '../../paths.ts';
import type { Channel } from '../channel.ts';
import { bringDefinitions, topologyOf } from './carry.ts';
import { type Definitions, exportDefinitions } from './definitions.ts';
import { growQueues } from './queue-members.ts';
import { type BrokerSet, type OnHeld, type OnWait, waitForBrokers } from './readiness.ts';
import { returnBrokers } from './removal/remove.ts';
import { brokerHosts, servingHosts } from './survey.ts';

/** A cold start of seven brokers on a busy two-core machine takes well under half of it. */
const readyDeadlineMs = 300_000;

/**
 * Makes brokers a service: waits until they are whole, carries the definitions of brokers of another
 * topology that still run beside them over, and gives queues members on brokers that are new in a
 * cluster. Can be repeated.
 */
export async function startService(
  channel: Channel,
  stack: string,
  set: BrokerSet,
  told: { readonly onHeld?: OnHeld; readonly onWait?: OnWait } = {},
): Promise<void> {
  const spread = set.clustered && set.nodes === undefined;
  if (spread) await returnBrokers(channel, set.brokers);
  await waitForBrokers(channel, set, {
    deadlineMs: readyDeadlineMs * (channel.patience?.() ?? 1),
    ...told,
  });
  await takeOver(channel, stack, set);
  if (spread) await growQueues(channel, set.brokers);
}

async function takeOver(channel: Channel, stack: string, set: BrokerSet): Promise<void> {
  const brokers = await brokerHosts(channel);
  const own = brokers.filter(({ name }) => set.brokers.includes(name));
  const topologies = new Set(own.map(topologyOf));
  // A broker that was taken out of this very cluster has nothing to hand over.
  const [predecessor] = await servingHosts(
    channel,
    brokers.filter((host) => !topologies.has(topologyOf(host))),
  );
  if (predecessor === undefined) return;

  const targets = set.clustered ? own.slice(0, 1) : await servingHosts(channel, own);
  const place = set.nodes ?? (set.clustered ? set.brokers.length : 1);
  await keepCopy(stack, await exportDefinitions(channel, predecessor.name));
  await bringDefinitions(channel, predecessor, targets, place);
}

/** The way back from a swap: what was exported stays with the stack's state, for its owner only. */
async function keepCopy(stack: string, exported: Definitions): Promise<void> {
  const folder = join(stateDir, 'definitions');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const moment = new Date().toISOString().replaceAll(':', '-');
  await writeFile(join(folder, `${stack}-${moment}.json`), JSON.stringify(exported, null, 2), {
    mode: 0o600,
  });
}
