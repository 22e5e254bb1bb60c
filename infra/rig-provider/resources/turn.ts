import { z } from 'zod';
import { channelDescription } from '../../channels/description.ts';
import { channelTo, describedBy } from '../../channels/open.ts';
import { UserError } from '../../errors.ts';
import { differingParts, takeTurn } from '../../operations/turn/index.ts';
import { changedKeys, type ResourceHandler } from '../handler.ts';
import { sayHeld } from '../say.ts';

const inputs = z.strictObject({
  stack: z.string(),
  channel: channelDescription.optional(),
  host: z.string(),
  /** What the host is made of, by name: whatever makes its target replace it. */
  madeOf: z.record(z.string(), z.string()),
  /** Of load balancers that are no hosts of the stack: which others must get connections meanwhile. */
  targetGroups: z.array(z.string()).optional(),
});

type TurnInputs = z.infer<typeof inputs>;

/** @throws UserError when a host that runs is to be replaced and nobody can ask whether it may go */
async function take(next: TurnInputs): Promise<TurnInputs> {
  const channel = channelTo(next);
  const parts = differingParts(await channel.hosts(), next) ?? [];
  const description = describedBy(next);
  if (description.kind === 'aws' && description.method === 'none') {
    if (parts.length === 0) return next;
    throw new UserError({
      what: `${next.host} would be replaced (${parts.join(', ')}), and nobody can ask whether it can be spared`,
      value: 'aws.access.method: none',
      allowed: ['instance-connect', 'session-manager'],
      fix: 'set the change back; or make a second stack with one of them and move clients there',
    });
  }
  await takeTurn(channel, next, { onHeld: sayHeld });
  return next;
}

/**
 * `rig:rabbitmq:Turn`: one host's turn to be replaced. It stands before the host, and after the host
 * before that one: so when a change replaces hosts, each goes only once the last is back and nothing
 * needs it, and the update ends here when that does not come to be. Deleting it leaves the host alone.
 */
export const turn: ResourceHandler<TurnInputs, TurnInputs> = {
  inputs,
  secrets: ['channel'],
  diff: async (_id, state, next) => {
    const updates = changedKeys(state, next, ['channel', 'madeOf', 'targetGroups']);
    const replaces = changedKeys(state, next, ['stack', 'host']);
    if (updates.length > 0 || replaces.length > 0) return { updates, replaces };
    // A turn that was taken for a replacement that then failed is taken anew.
    const parts = differingParts(await channelTo(next).hosts(), next) ?? [];
    return { updates: parts.length > 0 ? ['madeOf'] : [], replaces };
  },
  create: async (args) => ({ id: `${args.stack}/${args.host}`, state: await take(args) }),
  read: (_id, state) => Promise.resolve(state),
  update: (_id, _state, next) => take(next),
  delete: () => Promise.resolve(),
};
