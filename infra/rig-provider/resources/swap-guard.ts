import { z } from 'zod';
import { UserError } from '../../errors.ts';
import { inspectSwap } from '../../operations/service/swap.ts';
import { messagePolicy } from '../../operations/service/retire.ts';
import { rigChannel } from '../containers/channel.ts';
import { changedKeys, explain, type ResourceHandler } from '../handler.ts';

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
    try {
      await inspectSwap(rigChannel(next.stack), next.topology, messagePolicy(process.env));
      return [];
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return [{ property: 'topology', reason: explain(error.parts) }];
    }
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
