import { messageOf, UserError, type UserErrorParts } from '../../errors.ts';
import { type Look, waitFor } from '../../wait.ts';
import type { Channel, LiveHost } from '../channel.ts';
import { brokerApi } from '../rabbitmq-api.ts';
import { runOrFail } from '../run-or-fail.ts';
import { brokerGroup, brokerHostOf, type ClusterAnswer } from './answers.ts';
import { askCluster } from './ask.ts';

/** A stop of the broker, DRBD's change of roles and a start take well under half of it. */
const deadlineMs = 300_000;
const intervalMs = 1_000;
/** The wish for a host ends by itself, should whoever made it be gone. */
const wish = 'PT10M';

/** Why the broker cannot go to that host now; undefined when it can. Pure. */
export function whyNotFailOver(answer: ClusterAnswer, to: string): UserErrorParts | undefined {
  const { cluster, disk } = answer;
  const fix = 'npm run status shows what is wrong; mend that first';
  const what = `the broker stays where it is: ${to} could not take it over`;
  if (cluster === null) return { what, value: 'the cluster manager does not run there', fix };
  if (!cluster.quorate) return { what, value: 'its side of the cluster has no majority', fix };
  const member = cluster.members.find(({ name }) => name === to);
  if (member?.online !== true) return { what, value: `${to} is not online in the cluster`, fix };
  if (disk === null) return { what, value: 'DRBD is down there', fix };
  if (disk.state !== 'UpToDate') {
    return { what, value: `its copy of the disk is ${disk.state}`, allowed: 'UpToDate', fix };
  }
  if (disk.connection !== 'Connected') {
    const fixed = 'wait until npm run status shows both copies connected and up to date';
    return { what, value: `DRBD is ${disk.connection}`, allowed: 'Connected', fix: fixed };
  }
  return undefined;
}

export interface FailOver {
  /** Where the broker was; the same as the target when there was nothing to do. */
  readonly from: string | undefined;
  readonly to: string;
}

/**
 * Has the broker move to a host, in an orderly way: it is stopped, its disk changes hands, and it starts
 * there. Can be repeated.
 * @throws UserError before anything changes when the host could not take it over
 */
export async function failOver(
  channel: Channel,
  { name: to }: Pick<LiveHost, 'name'>,
  onSeen: (seen: string) => void = () => undefined,
): Promise<FailOver> {
  const before = await askCluster(channel, to);
  const from = brokerHostOf(before);
  if (from === to) return { from, to };
  const refused = whyNotFailOver(before, to);
  if (refused !== undefined) throw new UserError(refused);
  const move = ['--move', '--resource', brokerGroup, '--node', to, '--lifetime', wish];
  await runOrFail(channel, to, ['crm_resource', ...move], 60_000);
  try {
    await waitFor(async () => lookForBroker(channel, to), {
      subject: `the broker to serve on ${to}`,
      deadlineMs: deadlineMs * (channel.patience?.() ?? 1),
      intervalMs,
      onSeen,
    });
  } catch (cause) {
    throw new UserError({
      what: `the broker did not come up on ${to}; the cluster goes on trying where it can`,
      value: messageOf(cause),
      fix: 'npm run status shows where it is; run the same command again once that is mended',
      cause,
    });
  } finally {
    // It stays there by its stickiness; with the wish it would return there after the next failure.
    await runOrFail(channel, to, ['crm_resource', '--clear', '--resource', brokerGroup], 60_000);
  }
  return { from, to };
}

/** Whether the broker serves on that host. */
export async function lookForBroker(channel: Channel, to: string): Promise<Look<true>> {
  const host = brokerHostOf(await askCluster(channel, to));
  if (host !== to) return { seen: host === undefined ? 'it is stopped' : `it is on ${host}` };
  const nodes = await brokerApi(channel, to).get<{ running: boolean }[]>(
    '/api/nodes?columns=running',
  );
  return nodes.some(({ running }) => running) ? { done: true, value: true } : { seen: 'it boots' };
}
