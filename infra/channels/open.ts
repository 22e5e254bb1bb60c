import type { Channel } from '../operations/channel.ts';
import { rigChannel } from '../rig-provider/containers/channel.ts';
import { awsChannel } from './aws/channel.ts';
import type { ChannelDescription } from './description.ts';

/** The way onto the hosts that are described. Nothing is asked of anybody before its first use. */
export function channelOf(description: ChannelDescription): Channel {
  return description.kind === 'rig' ? rigChannel(description.stack) : awsChannel(description);
}

/** What resources of our own provider say of their hosts; those of a rig need not name a channel. */
export interface Reached {
  readonly stack: string;
  readonly channel?: ChannelDescription | undefined;
}

export const describedBy = ({ stack, channel }: Reached): ChannelDescription =>
  channel ?? { kind: 'rig', stack };

/** Where hosts are, for people. */
export const placeOf = (description: ChannelDescription): string =>
  description.kind === 'rig' ? 'rig' : `aws in ${description.region}`;

export const channelTo = (reached: Reached): Channel => channelOf(describedBy(reached));
