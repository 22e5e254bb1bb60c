import type { Channel } from '../channel.ts';
import { type BrokerApi, brokerApi } from '../rabbitmq-api.ts';
import { messageOf } from '../../errors.ts';
import { doneWhen, type Look, waitFor } from '../../wait.ts';

export interface BrokerSet {
  /** Host names. */
  readonly brokers: readonly string[];
  /** One cluster of all of them, or each alone. */
  readonly clustered: boolean;
}

interface NodeAnswer {
  readonly name: string;
  readonly running: boolean;
}

/**
 * Waits until every broker of the set serves: in a cluster, until every broker sees all of them
 * running. @throws after the deadline with what the first unready broker last said.
 */
export async function waitForBrokers(
  channel: Channel,
  set: BrokerSet,
  options: { deadlineMs: number; onSeen?: (seen: string) => void },
): Promise<void> {
  const expected = set.clustered ? set.brokers.length : 1;
  // Brokers are asked once their hosts have booted: until then every question costs them CPU, and one
  // that comes while the management plugin starts leaves a crash report in the broker's log.
  await Promise.all(
    set.brokers.map(async (host) =>
      waitFor(async () => lookAtBoot(channel, host), {
        ...options,
        subject: `${host} to boot`,
        intervalMs: 250,
      }),
    ),
  );
  await Promise.all(
    set.brokers.map(async (host) => {
      const api = brokerApi(channel, host);
      await waitFor(async () => lookAtNodes(api, expected), {
        ...options,
        subject: `broker ${host} to see ${expected} running node${expected === 1 ? '' : 's'}`,
        intervalMs: 250,
      });
    }),
  );
}

/**
 * Whether waiting for the brokers could help: one does not serve, or does not answer in time. One whose
 * certificate has expired is not waited for: it serves again once its host has a new one.
 */
export async function areAwaited(channel: Channel, set: BrokerSet): Promise<boolean> {
  const expected = set.clustered ? set.brokers.length : 1;
  const looks = await Promise.allSettled(
    set.brokers.map(async (host) => lookAtNodes(brokerApi(channel, host), expected, 2_000)),
  );
  return looks.some((look) =>
    look.status === 'rejected' ? !hasExpired(look.reason) : !('done' in look.value),
  );
}

/** OpenSSL's own words, by way of curl. */
const hasExpired = (error: unknown): boolean =>
  messageOf(error).includes('certificate has expired');

/** systemd tells the end of a boot by itself; asked anew after this many seconds. */
const bootLookSeconds = 10;
/** A boot that ended badly has ended, too: what the broker says decides. */
const afterBoot = ['running', 'degraded', 'maintenance', 'stopping'];

/** Whether the host has booted; the answer may take ten seconds. */
export async function lookAtBoot(channel: Channel, host: string): Promise<Look<true>> {
  const argv = ['timeout', `${bootLookSeconds}`, 'systemctl', 'is-system-running', '--wait'];
  const told = await channel.run(host, argv, { timeoutMs: (bootLookSeconds + 5) * 1000 });
  const state = told.stdout.trim() || told.stderr.trim() || 'starting';
  return doneWhen(afterBoot.includes(state), `systemd is ${state}`);
}

async function lookAtNodes(
  api: BrokerApi,
  expected: number,
  timeoutMs = 5_000,
): Promise<Look<true>> {
  const nodes = await api.get<NodeAnswer[]>('/api/nodes?columns=name,running', { timeoutMs });
  const running = nodes.filter((node) => node.running);
  if (running.length === expected && nodes.length === expected) return { done: true, value: true };
  return { seen: `${running.length} of ${nodes.length} known nodes run, ${expected} expected` };
}
