import { UserError } from '../../errors.ts';
import { doneWhen, type Look, waitFor } from '../../wait.ts';
import type { Channel, LiveHost } from '../channel.ts';
import { brokerApi } from '../rabbitmq-api.ts';
import { runOrFail } from '../run-or-fail.ts';
import { waitForCopies } from '../service/queue-members.ts';
import { type OnHeld, waitForBoot } from '../service/readiness.ts';
import { rolesOf } from '../service/survey.ts';
import { refuseWithout } from './others.ts';

const intervalMs = 1_000;
const drain = '/usr/local/sbin/broker-drain';

/** How long a turn may take, and who is told when the boot of another host waits. */
export interface TurnWait {
  readonly deadlineMs: number;
  readonly onHeld?: OnHeld | undefined;
}

/** Who else there is. */
interface Company {
  readonly hosts: readonly LiveHost[];
  /** Groups of targets in which brokers are. */
  readonly groups?: readonly string[] | undefined;
}

/**
 * Waits until every other broker of the topology serves, those of its cluster as members of it and
 * with their copies of queues, and load balancers lead to them, then drains this one.
 */
export async function drainBroker(
  channel: Channel,
  self: LiveHost,
  { hosts, groups = [] }: Company,
  { deadlineMs, onHeld }: TurnWait,
): Promise<void> {
  const others = hosts.filter((host) => isPeer(host, self));
  refuseWithout('broker', self, others);
  for (const other of others) {
    await waitForBoot(channel, other.name, {
      deadlineMs,
      subject: `${other.name} to boot, before ${self.name} is replaced`,
      onHeld,
    });
    await waitFor(async () => lookAtMembers(channel, other, others), {
      deadlineMs,
      intervalMs,
      subject: `broker ${other.name} to serve, before ${self.name} is replaced`,
    });
    if (isClustered(other, self)) await waitForCopies(channel, other.name, deadlineMs);
  }
  for (const group of groups) {
    await waitFor(async () => lookAtTargets(channel, group, others), {
      ...{ deadlineMs, intervalMs },
      subject: `the load balancer to lead to all others, before ${self.name} is replaced`,
    });
  }
  const seconds = Math.ceil(deadlineMs / 1000);
  const { code, stderr } = await channel.run(self.name, [drain, String(seconds)], {
    timeoutMs: deadlineMs + 60_000,
  });
  if (code === 0) return;
  throw new UserError({
    what: `${self.name} is not replaced: it cannot be spared`,
    value: stderr.trim().slice(-500),
    fix: 'npm run status shows what is down; mend it and run `npm run up` again',
  });
}

/** Gives a broker back to its clients that was drained for a change which was taken back. */
export const undrainBroker = (channel: Channel, { name }: LiveHost): Promise<void> =>
  runOrFail(channel, name, [drain, 'undo']);

const isPeer = (host: LiveHost, self: LiveHost): boolean =>
  rolesOf(host).includes('broker') &&
  host.name !== self.name &&
  host.labels['topology'] === self.labels['topology'];

const isClustered = (host: LiveHost, self: LiveHost): boolean =>
  host.labels['cluster'] === self.labels['cluster'];

/** A broker that is back serves long before a load balancer of AWS has found that out. */
async function lookAtTargets(
  channel: Channel,
  group: string,
  others: readonly LiveHost[],
): Promise<Look<true>> {
  const states = await channel.targetStates?.(group);
  const lacking = others
    .map(({ name }) => ({ name, state: states?.get(name) ?? 'not registered' }))
    .filter(({ state }) => state !== 'healthy');
  const seen = lacking.map(({ name, state }) => `${name} is ${state}`).join(', ');
  return doneWhen(lacking.length === 0, `${seen} in ${group}`);
}

/** Whether the broker serves and sees every other one that is clustered with it. */
async function lookAtMembers(
  channel: Channel,
  broker: LiveHost,
  others: readonly LiveHost[],
): Promise<Look<true>> {
  const nodes = await brokerApi(channel, broker.name).get<{ name: string; running: boolean }[]>(
    '/api/nodes?columns=name,running',
    { timeoutMs: 10_000 },
  );
  const running = nodes.filter((node) => node.running).map(({ name }) => name);
  const expected = others
    .filter((other) => isClustered(other, broker))
    .map(({ labels }) => labels['node'] ?? '');
  const missing = expected.filter((node) => !running.includes(node));
  return doneWhen(missing.length === 0, `it does not see ${missing.join(', ')}`);
}
