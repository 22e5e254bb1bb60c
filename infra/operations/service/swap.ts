import { UserError } from '../../errors.ts';
import type { Channel } from '../channel.ts';
import { describeHeld } from './messages.ts';
import type { MessagePolicy } from './retire.ts';
import { brokerHosts, surveyBrokers } from './survey.ts';

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
  to: string,
  policy: MessagePolicy,
): Promise<Swap | undefined> {
  const brokers = await brokerHosts(channel);
  const leaving = brokers.filter(({ labels }) => labels['topology'] !== to);
  const from = leaving[0]?.labels['topology'];
  if (from === undefined) return undefined;
  if (policy === 'discard') return { from, to, leftBehind: [] };
  const { held, leftBehind } = await surveyBrokers(channel, leaving);
  if (held.length > 0 && policy === 'keep') {
    throw new UserError({
      what: `changing the topology from ${from} to ${to} takes away brokers whose queues hold messages`,
      value: describeHeld(held).join('; '),
      fix: 'consume them first, carry them over with --move-messages, or accept the loss with --discard-messages',
    });
  }
  return { from, to, leftBehind };
}
