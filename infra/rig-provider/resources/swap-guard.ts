import { z } from 'zod';
import { admitSwap } from '../../operations/service/swap.ts';
import { messagePolicy } from '../../operations/service/retire.ts';
import { rigChannel } from '../containers/channel.ts';
import { changedKeys, type ResourceHandler } from '../handler.ts';

const inputs = z.strictObject({ stack: z.string(), topology: z.string() });

type SwapGuardInputs = z.infer<typeof inputs>;

/**
 * `rig:rabbitmq:SwapGuard`: knows which topology the stack has, and refuses another one, already in
 * the preview, while queues hold messages.
 */
export const swapGuard: ResourceHandler<SwapGuardInputs, SwapGuardInputs> = {
  inputs,
  secrets: [],
  admit: async (before, next) => {
    if (before.topology === next.topology) return [];
    const reason = await admitSwap(
      rigChannel(next.stack),
      { from: before.topology, to: next.topology },
      messagePolicy(process.env),
    );
    return reason === undefined ? [] : [{ property: 'topology', reason }];
  },
  diff: (_id, state, next) => ({
    updates: changedKeys(state, next, ['topology']),
    replaces: changedKeys(state, next, ['stack']),
  }),
  create: (args) => Promise.resolve({ id: args.stack, state: args }),
  read: (_id, state) => Promise.resolve(state),
  update: (_id, _state, next) => Promise.resolve(next),
  delete: () => Promise.resolve(),
};
