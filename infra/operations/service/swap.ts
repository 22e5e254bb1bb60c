import { UserError } from '../../errors.ts';
import type { Channel } from '../channel.ts';
import { describeHeld, whyNotMoved } from './messages.ts';
import type { MessagePolicy } from './retire.ts';
import { brokerHosts, type Survey, surveyBrokers } from './survey.ts';
import type { Place } from './translation/index.ts';

/** A change of topology that may go ahead. */
export interface Swap {
  readonly from: string;
  readonly to: string;
  /** One line for each thing that the new brokers will not have. */
  readonly leftBehind: readonly string[];
}

/**
 * Looks at the live brokers before their topology changes; undefined when none has another one.
 * @throws UserError when messages stand in the way and the user did not say what becomes of them,
 * or when nobody can tell.
 */
export async function inspectSwap(
  channel: Channel,
  place: Place,
  policy: MessagePolicy,
): Promise<Swap | undefined> {
  const to = place.topology;
  const brokers = await brokerHosts(channel);
  const leaving = brokers.filter(({ labels }) => labels['topology'] !== to);
  const from = leaving[0]?.labels['topology'];
  if (from === undefined) return undefined;
  const survey = await surveyBrokers(channel, leaving, place).catch((error: unknown) => {
    // Who lets go of everything may do so without knowing what it is.
    if (policy === 'discard' && error instanceof UserError) return undefined;
    throw error;
  });
  if (survey === undefined) return { from, to, leftBehind: [] };
  const refusal = refusedSwap({ from, to }, survey, policy);
  if (refusal !== undefined) {
    throw leaving.length < brokers.length ? duringSwap(refusal, { from, to }) : refusal;
  }
  return { from, to, leftBehind: survey.leftBehind };
}

/** Brokers of both topologies are there: a swap was interrupted, and the user should know. */
const duringSwap = (
  refusal: UserError,
  { from, to }: { readonly from: string; readonly to: string },
): UserError =>
  new UserError({
    ...refusal.parts,
    what: `an unfinished swap: ${refusal.parts.what}`,
    fix: `go on with --topology ${to} --move-messages, or go back with --topology ${from}`,
  });

/** Why messages do not allow the swap, if so. Pure. */
export function refusedSwap(
  { from, to }: { readonly from: string; readonly to: string },
  { held }: Pick<Survey, 'held'>,
  policy: MessagePolicy,
): UserError | undefined {
  const change = `changing the topology from ${from} to ${to} takes away brokers`;
  const streams = held.filter(({ type }) => type === 'stream');
  if (policy !== 'discard' && streams.length > 0) {
    return new UserError({
      what: `${change} with streams, which cannot be carried over`,
      value: describeHeld(streams).join('; '),
      fix: 'copy what you need and delete the streams, or accept the loss with --discard-messages',
    });
  }
  if (policy === 'move') return whyNotMoved(held);
  if (policy === 'discard' || held.length === 0) return undefined;
  return new UserError({
    what: `${change} whose queues hold messages`,
    value: describeHeld(held).join('; '),
    fix: 'consume them first, carry them over with --move-messages, or accept the loss with --discard-messages',
  });
}
