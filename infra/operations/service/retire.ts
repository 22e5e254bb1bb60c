import { UserError } from '../../errors.ts';
import type { Channel, LiveHost } from '../channel.ts';
import { evaluate } from '../erlang.ts';
import { runOrFail } from '../run-or-fail.ts';
import { bringDefinitions, topologyOf } from './carry.ts';
import { closeDoors, openDoors } from './doors.ts';
import { heldQueues, messagesHeldError, whyNotMoved } from './messages.ts';
import { brokerAddress, brokerHosts, servingHosts, surveyBrokers } from './survey.ts';

/** What may happen to messages that brokers hold when these are taken away. */
export type MessagePolicy = 'keep' | 'move' | 'discard';

/** Environment variable that carries the choice of one command to the provider. */
export const messagePolicyVariable = 'RABBITMQ_HA_KIT_MESSAGES';

export function messagePolicy(environment: NodeJS.ProcessEnv): MessagePolicy {
  const value = environment[messagePolicyVariable] ?? 'keep';
  if (value === 'keep' || value === 'move' || value === 'discard') return value;
  throw new Error(`${messagePolicyVariable} is ${value}; allowed: keep, move, discard`);
}

/** Nothing that moves is cut off: `mq-drain` ends by itself when nothing does. */
const drainTimeoutMs = 24 * 3_600_000;

/**
 * The last step of brokers before they go. Where others have taken over, sessions that still reach
 * the old ones are cut and what they left behind is moved; where nobody has, queues must be empty.
 * @throws UserError and leaves everything as it is when messages would be lost.
 */
export async function retireService(
  channel: Channel,
  brokers: readonly string[],
  policy: MessagePolicy,
): Promise<void> {
  if (policy === 'discard') return;
  const all = await brokerHosts(channel);
  const leaving = all.filter(({ name }) => brokers.includes(name));
  if (leaving.length === 0) return;
  const topologies = new Set(leaving.map(topologyOf));
  const successors = all.filter((host) => !topologies.has(topologyOf(host)));
  const successor = successors.find(({ state }) => state === 'running');
  if (successor === undefined) {
    await refuseUnlessEmpty(channel, leaving, {
      step: 'taking the environment down',
      fix: 'consume them first, or accept the loss with --discard-messages',
    });
    return;
  }
  const running = leaving.filter(({ state }) => state === 'running');
  try {
    await handOver(channel, { leaving, running, successor, successors });
  } catch (error) {
    // They stay for now, and their clients may be on their way back.
    await Promise.allSettled(running.map(async ({ name }) => openDoors(channel, name)));
    throw error;
  }
}

interface HandOver {
  readonly leaving: readonly LiveHost[];
  /** Those of them that run. */
  readonly running: readonly LiveHost[];
  readonly successors: readonly LiveHost[];
  /** The one of them that takes in what is left. */
  readonly successor: LiveHost;
}

async function handOver(
  channel: Channel,
  { leaving, running, successor, successors }: HandOver,
): Promise<void> {
  const close = async (): Promise<LiveHost[]> => {
    await Promise.all(running.map(async (host) => quiet(channel, host, successors)));
    const serving = await servingHosts(channel, running);
    await Promise.all(serving.map(async ({ name }) => cutSessions(channel, name)));
    return serving;
  };
  const serving = await close();
  // Brokers of one cluster hold the same queues: one of them is the source for all.
  const sources = new Map(serving.map((host) => [host.labels['cluster'] ?? host.name, host]));
  const members = successors.filter(
    ({ labels }) => labels['cluster'] === successor.labels['cluster'],
  );
  for (const source of sources.values()) {
    // Clients may have declared queues since the new brokers were made; what the config defines is
    // on these already, as it is to be.
    await bringDefinitions(channel, source, [successor], members.length, 'lacking');
    await drain(channel, source, successor, close);
  }
  await refuseUnlessEmpty(channel, leaving, {
    step: 'removing the former brokers',
    fix: 'run the same command again: it goes on where it stopped; or accept the loss with --discard-messages',
  });
}

async function refuseUnlessEmpty(
  channel: Channel,
  leaving: readonly LiveHost[],
  { step, fix }: { readonly step: string; readonly fix: string },
): Promise<void> {
  const { held } = await surveyBrokers(channel, leaving);
  if (held.length > 0) throw messagesHeldError(step, held, fix);
}

/**
 * Nothing new comes to a leaving broker from here on, and a warren's own fail-back ends. Balancers no longer
 * lead here, but a session that began before would go on for ever, and a client that knows the address would
 * begin another: the doors close before sessions are cut.
 */
async function quiet(
  channel: Channel,
  host: LiveHost,
  successors: readonly LiveHost[],
): Promise<void> {
  const unit = 'warren-drain.service';
  const found = await channel.run(host.name, ['systemctl', 'is-active', '--quiet', unit]);
  if (found.code === 0) await runOrFail(channel, host.name, ['systemctl', 'stop', unit]);
  await closeDoors(channel, host.name, successors);
}

async function cutSessions(channel: Channel, host: string): Promise<void> {
  await evaluate(channel, host, 'rabbit_maintenance:close_all_client_connections(), "done"');
}

/**
 * Moves all that the broker's queues hold. A shovel takes what a queue held at its start and may end
 * early, so this goes on as long as it gets anywhere.
 * @param close done again before the next look, which has to count what nobody adds to: a long move
 * outlasts closed doors
 */
async function drain(
  channel: Channel,
  from: LiveHost,
  to: LiveHost,
  close: () => Promise<unknown>,
): Promise<void> {
  let before = Infinity;
  for (;;) {
    const held = (await heldQueues(channel, from.name)).filter(({ type }) => type === 'queue');
    const refusal = whyNotMoved(held);
    if (refusal !== undefined) throw refusal;
    const left = held.reduce((sum, { messages }) => sum + messages, 0);
    if (left === 0 || left >= before) return;
    before = left;
    const result = await channel.run(to.name, ['/usr/local/sbin/mq-drain', brokerAddress(from)], {
      input: JSON.stringify(held.map(({ vhost, queue }) => ({ vhost, name: queue }))),
      timeoutMs: drainTimeoutMs,
    });
    if (result.code !== 0) {
      throw new UserError({
        what: `moving the messages of ${from.name} to ${to.name} failed`,
        value: result.stderr.slice(-1_000).trim(),
        fix: 'nothing is lost; mend what it names and run the same command again: it goes on where it stopped',
      });
    }
    await close();
  }
}
