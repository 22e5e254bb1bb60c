import { z } from 'zod';
import { UserError } from '../../errors.ts';
import { inspectChange } from '../../operations/service/change.ts';
import { messagePolicy } from '../../operations/service/retire.ts';
import { inspectSwap } from '../../operations/service/swap.ts';
import { rigChannel } from '../containers/channel.ts';
import { changedKeys, explain, type ResourceHandler } from '../handler.ts';
import { say } from '../say.ts';
import { claimStack } from '../stacks/registry.ts';

const inputs = z.strictObject({
  stack: z.string(),
  topology: z.string(),
  brokers: z.array(z.string()),
  settled: z.record(z.string(), z.string()),
  /** How clients reach brokers; unknown of an environment from before it was kept. */
  transports: z.array(z.string()).optional(),
});

type GuardInputs = z.infer<typeof inputs>;

/**
 * `rig:rabbitmq:ChangeGuard`: knows what the stack's brokers were made with, and refuses, already in
 * the preview, a change by which live ones would lose messages or their data.
 */
export const changeGuard: ResourceHandler<GuardInputs, GuardInputs> = {
  inputs,
  secrets: [],
  admit: async (before, next) => {
    const channel = rigChannel(next.stack);
    try {
      await inspectChange(channel, before, next);
      const policy = messagePolicy(process.env);
      const place = { topology: next.topology, brokers: next.brokers.length };
      const swap = await inspectSwap(channel, place, policy);
      for (const line of swap?.leftBehind ?? []) say(`left behind: ${line}`);
      return [];
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return [{ property: 'topology', reason: explain(error.parts) }];
    }
  },
  diff: (_id, state, next) => {
    // A state that was moved to another backend says so with its next update.
    claimStack(next.stack);
    return {
      updates: changedKeys(state, next, ['topology', 'brokers', 'settled', 'transports']),
      replaces: changedKeys(state, next, ['stack']),
    };
  },
  create: (args) => Promise.resolve({ id: args.stack, state: args }),
  read: (_id, state) => Promise.resolve(state),
  update: (_id, _state, next) => Promise.resolve(next),
  delete: () => Promise.resolve(),
};
