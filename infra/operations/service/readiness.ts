import type { Channel } from '../channel.ts';
import { type BrokerApi, brokerApi } from '../rabbitmq-api.ts';
import { messageOf, UserError } from '../../errors.ts';
import { brokerHosts, servingHosts } from './survey.ts';
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

/** As quick as a container's broker is worth asking. */
const lookEveryMs = 250;

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
  { onHeld, onWait, ...options }: { deadlineMs: number; onHeld?: OnHeld; onWait?: OnWait },
): Promise<void> {
  const expected = nodesOf(set);
  // Brokers are asked once their hosts have booted: until then every question costs them CPU, and one
  // that comes while the management plugin starts leaves a crash report in the broker's log.
  await Promise.all(
    set.brokers.map(async (host) => {
      const onSeen = (seen: string): void => onWait?.(host, seen);
      await waitForBoot(channel, host, { ...options, subject: `${host} to boot`, onHeld, onSeen });
      onWait?.(host, undefined);
    }),
  );
  // At a container's pace the questions would take an emulated machine half of what the broker starts with.
  const patience = channel.patience?.() ?? 1;
  const intervalMs = lookEveryMs * (patience > 1 ? 2 * patience : 1);
  const nodes = `${expected} running node${expected === 1 ? '' : 's'}`;
  const wait = async (who: string, look: () => Promise<Look<true>>): Promise<void> => {
    const onSeen = (seen: string): void => onWait?.(who, seen);
    await waitFor(look, { ...options, subject: `${who} to see ${nodes}`, intervalMs, onSeen });
    onWait?.(who, undefined);
  };
  await (set.nodes === undefined
    ? Promise.all(
        set.brokers.map(async (host) => {
          const api = brokerApi(channel, host);
          await wait(`broker ${host}`, () => lookAtNodes(api, expected));
        }),
      )
    : wait('the broker', () => lookAtOneBroker(channel, set.brokers, expected)));
}

/** Hosts that take turns at one broker: the one that has it is asked. */
async function lookAtOneBroker(
  channel: Channel,
  brokers: readonly string[],
  expected: number,
  timeoutMs?: number,
): Promise<Look<true>> {
  const hosts = (await brokerHosts(channel)).filter(({ name }) => brokers.includes(name));
  const [serving] = await servingHosts(channel, hosts);
  if (serving === undefined) return { seen: 'none of its hosts has started it' };
  return lookAtNodes(brokerApi(channel, serving.name), expected, timeoutMs);
}

/**
 * Whether waiting for the brokers could help: one does not serve, or does not answer in time. One whose
 * certificate has expired is not waited for: it serves again once its host has a new one.
 */
export async function areAwaited(channel: Channel, set: BrokerSet): Promise<boolean> {
  const [expected, timeoutMs] = [nodesOf(set), 2_000];
  const looks = await Promise.allSettled(
    set.nodes === undefined
      ? set.brokers.map(async (host) => lookAtNodes(brokerApi(channel, host), expected, timeoutMs))
      : [lookAtOneBroker(channel, set.brokers, expected, timeoutMs)],
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

const unitMark = 'starts ';

/**
 * Prints systemd's state, while it starts a line for each unit that is being started, then why the boot waits,
 * if a step of it does.
 */
const bootScript = `state=$(timeout ${bootLookSeconds} systemctl is-system-running --wait 2>&1)
echo "\${state:-starting}"
[ "\${state:-starting}" != starting ] ||
  systemctl list-jobs --no-legend 2>/dev/null | while read -r _ unit _ at; do
    [ "$at" != running ] || echo "${unitMark}$unit"
  done
cat ${reasonFile} 2>/dev/null || true`;

/** Told why a host's boot waits for something that somebody may have to bring. */
export type OnHeld = (host: string, reason: string) => void;

/** Told what keeps a host waiting whenever that changes; undefined when it keeps nobody waiting any more. */
export type OnWait = (host: string, seen: string | undefined) => void;

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
      const { state, running, held } = await askAboutBoot(channel, host).catch(
        async (cause: unknown) => {
          offSince = (await isOff(channel, host)) ? (offSince ?? performance.now()) : undefined;
          if (offSince === undefined || performance.now() - offSince < offMs) throw cause;
          throw switchedOff(host, cause);
        },
      );
      offSince = undefined;
      if (held !== '' && !told.has(held)) onHeld?.(host, held);
      told.add(held);
      const busy = running.length === 0 ? '' : ` (${running.join(', ')})`;
      return doneWhen(afterBoot.includes(state), held === '' ? `systemd is ${state}${busy}` : held);
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
): Promise<{ readonly state: string; readonly running: string[]; readonly held: string }> {
  const argv = ['sh', '-c', bootScript];
  const { stdout, stderr } = await channel.run(host, argv, {
    timeoutMs: (bootLookSeconds + 5) * 1000,
  });
  const [state = '', ...lines] = stdout.trim().split('\n');
  const isUnit = (line: string): boolean => line.startsWith(unitMark);
  return {
    state: state || stderr.trim() || 'starting',
    running: lines.filter(isUnit).map((line) => line.slice(unitMark.length)),
    held: lines.filter((line) => !isUnit(line)).join(' '),
  };
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
