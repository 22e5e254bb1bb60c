import type { Channel } from '../channel.ts';
import { type BrokerApi, brokerApi } from '../rabbitmq-api.ts';
import { messageOf, UserError } from '../../errors.ts';
import { doneWhen, type Look, waitFor, type WaitOptions } from '../../wait.ts';

export interface BrokerSet {
  /** Host names. */
  readonly brokers: readonly string[];
  /** One cluster of all of them, or each alone. */
  readonly clustered: boolean;
  /** Nodes of the cluster where they are not as many as its hosts. */
  readonly nodes?: number | undefined;
}

const nodesOf = ({ brokers, clustered, nodes }: BrokerSet): number =>
  nodes ?? (clustered ? brokers.length : 1);

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
  { onHeld, ...options }: { deadlineMs: number; onSeen?: (seen: string) => void; onHeld?: OnHeld },
): Promise<void> {
  const expected = nodesOf(set);
  // Brokers are asked once their hosts have booted: until then every question costs them CPU, and one
  // that comes while the management plugin starts leaves a crash report in the broker's log.
  await Promise.all(
    set.brokers.map(async (host) =>
      waitForBoot(channel, host, { ...options, subject: `${host} to boot`, onHeld }),
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
  const expected = nodesOf(set);
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

/** Where a step of the boot that waits for something says what for. */
const reasonFile = '/run/rabbitmq-ha-kit/boot-waits';

/** Prints systemd's state, then why the boot waits, if a step of it does. */
const bootScript = `state=$(timeout ${bootLookSeconds} systemctl is-system-running --wait 2>&1)
echo "\${state:-starting}"
cat ${reasonFile} 2>/dev/null || true`;

/** Told why a host's boot waits for something that somebody may have to bring. */
export type OnHeld = (host: string, reason: string) => void;

/** A host that is off is not booting; one that is being healed beside this wait is on before that. */
const offMs = 120_000;

interface BootWait extends Pick<WaitOptions, 'subject' | 'deadlineMs' | 'onSeen'> {
  /** Told each reason once. */
  readonly onHeld?: OnHeld | undefined;
}

/**
 * Waits until a host has booted.
 * @throws after the deadline with what the host last said of its boot; earlier when its power stays off:
 * a fence agent, say, came to it late
 */
export async function waitForBoot(
  channel: Channel,
  host: string,
  { onHeld, ...options }: BootWait,
): Promise<void> {
  const told = new Set<string>();
  let offSince: number | undefined;
  await waitFor(
    async () => {
      const { state, held } = await askAboutBoot(channel, host).catch(async (cause: unknown) => {
        offSince = (await isOff(channel, host)) ? (offSince ?? performance.now()) : undefined;
        if (offSince === undefined || performance.now() - offSince < offMs) throw cause;
        throw switchedOff(host, cause);
      });
      offSince = undefined;
      if (held !== '' && !told.has(held)) onHeld?.(host, held);
      told.add(held);
      return doneWhen(afterBoot.includes(state), held === '' ? `systemd is ${state}` : held);
    },
    { ...options, intervalMs: 250 },
  );
}

const isOff = async (channel: Channel, host: string): Promise<boolean> =>
  (await channel.hosts()).some(({ name, state }) => name === host && state === 'stopped');

const switchedOff = (host: string, cause: unknown): UserError =>
  new UserError({
    what: `${host} was switched off while its boot was waited for`,
    fix: 'npm run status shows who did it, where a cluster fences; npm run up switches it on',
    lasting: true,
    cause,
  });

/** Why the boot of a host waits, in its own words; empty when none of its steps does. */
export const whyBootWaits = async (channel: Channel, host: string): Promise<string> =>
  (await channel.run(host, ['cat', reasonFile])).stdout.trim();

/** The answer may take ten seconds. */
async function askAboutBoot(
  channel: Channel,
  host: string,
): Promise<{ readonly state: string; readonly held: string }> {
  const argv = ['sh', '-c', bootScript];
  const { stdout, stderr } = await channel.run(host, argv, {
    timeoutMs: (bootLookSeconds + 5) * 1000,
  });
  const [state = '', ...held] = stdout.trim().split('\n');
  return { state: state || stderr.trim() || 'starting', held: held.join(' ') };
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
