import { UserError } from '../../errors.ts';
import type { Channel } from '../channel.ts';
import { describeHeld } from './messages.ts';
import type { MessagePolicy } from './retire.ts';
import { brokerHosts, surveyBrokers } from './survey.ts';

/**
 * Why the stack's topology may not change now, or undefined when it may: its brokers must answer,
 * and their queues be empty unless the user chose what happens to messages.
 */
export async function admitSwap(
  channel: Channel,
  swap: { from: string; to: string },
  policy: MessagePolicy,
): Promise<string | undefined> {
  if (policy === 'discard') return undefined;
  const brokers = await brokerHosts(channel);
  if (brokers.length === 0) return undefined;
  try {
    const { held } = await surveyBrokers(channel, brokers);
    if (held.length === 0 || policy === 'move') return undefined;
    return [
      `changing the topology from ${swap.from} to ${swap.to} replaces brokers whose queues hold messages:`,
      ...describeHeld(held).map((line) => `  ${line}`),
      'fix: consume them first, carry them over with --move-messages, or accept the loss with --discard-messages',
    ].join('\n');
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const { what, value, fix } = error.parts;
    return [what, value, fix === undefined ? undefined : `fix: ${fix}`]
      .filter((part) => part !== undefined)
      .join('; ');
  }
}
