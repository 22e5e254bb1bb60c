import { messageOf, UserError, type UserErrorParts } from '../../errors.ts';
import { type Look, waitFor } from '../../wait.ts';
import type { Channel, LiveHost } from '../channel.ts';
import { brokerApi } from '../rabbitmq-api.ts';
import { runOrFail } from '../run-or-fail.ts';
import { brokerGroup, brokerHostOf, type ClusterAnswer, keepsOut } from './answers.ts';
import { askCluster } from './ask.ts';

/** A stop of the broker, DRBD's change of roles and a start take well under half of it. */
const deadlineMs = 300_000;
const intervalMs = 1_000;

/** Why the broker cannot go to that host now; undefined when it can. Pure. */
export function whyNotFailOver(answer: ClusterAnswer, to: string): UserErrorParts | undefined {
  const { cluster, disk } = answer;
  const fix = 'npm run status shows what is wrong; mend that first';
  const what = `the broker stays where it is: ${to} could not take it over`;
  if (cluster === null) return { what, value: 'the cluster manager does not run there', fix };
  if (!cluster.quorate) return { what, value: 'its side of the cluster has no majority', fix };
  if (cluster.keptOff.includes(to)) {
    const value = 'it is kept off, say by a recovery that was cut off';
    return {
      what,
      value,
      fix: `crm_resource --clear --resource ${brokerGroup} --node ${to} there`,
    };
  }
  const member = cluster.members.find(({ name }) => name === to);
  if (member?.online !== true) return { what, value: `${to} is not online in the cluster`, fix };
  const failed = cluster.failures.find(
    ({ host, operation }) => host === to && keepsOut(operation ?? ''),
  );
  if (failed !== undefined) {
    return {
      what,
      value: `${failed.operation ?? ''} failed there of late: ${failed.reason ?? 'no reason given'}`,
      fix: 'mend what it names; the cluster tries that host again within ten minutes of the failure, or at once after crm_resource --cleanup there',
    };
  }
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
  {
    onSeen = () => undefined,
    whileWished = () => undefined,
  }: {
    readonly onSeen?: (seen: string) => void;
    /** From now on, however it ends, the wish has to be cleared, once it has been `asked` for. */
    readonly whileWished?: (asked: Promise<unknown>) => void;
  } = {},
): Promise<FailOver> {
  const before = await askCluster(channel, to);
  const from = brokerHostOf(before);
  if (from === to) return { from, to };
  const refused = whyNotFailOver(before, to);
  if (refused !== undefined) throw new UserError(refused);
  const waitMs = deadlineMs * (channel.patience?.() ?? 1);
  // It ends by itself, should whoever made it be gone.
  const wish = `PT${Math.ceil(waitMs / 60_000) + 1}M`;
  const move = ['--move', '--resource', brokerGroup, '--node', to, '--lifetime', wish];
  const asked = runOrFail(channel, to, ['crm_resource', ...move], 60_000);
  whileWished(asked);
  await asked;
  try {
    await waitFor(async () => lookForBroker(channel, to), {
      subject: `the broker to serve on ${to}`,
      deadlineMs: waitMs,
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
    await clearWish(channel, to);
  }
  return { from, to };
}

/** Leaves it to the cluster again where the broker is. Can be repeated. */
export async function clearWish(channel: Channel, host: string): Promise<void> {
  await runOrFail(channel, host, ['crm_resource', '--clear', '--resource', brokerGroup], 60_000);
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
