import { z } from 'zod';
import { UserError } from '../../errors.ts';
import { claimDefinitions, inspectDefinitions } from '../../operations/definitions/guard.ts';
import { inspectChange } from '../../operations/service/change.ts';
import { messagePolicy } from '../../operations/service/retire.ts';
import { inspectSwap } from '../../operations/service/swap.ts';
import { rigChannel } from '../containers/channel.ts';
import { changedKeys, explain, type ResourceHandler } from '../handler.ts';
import { say } from '../say.ts';
import { claimStack } from '../stacks/registry.ts';
import { itemsSchema } from './definitions.ts';

const inputs = z.strictObject({
  stack: z.string(),
  topology: z.string(),
  brokers: z.array(z.string()),
  settled: z.record(z.string(), z.string()),
  /** How clients reach brokers; unknown of an environment from before it was kept. */
  transports: z.array(z.string()).optional(),
  definitions: z.strictObject({ items: itemsSchema, replace: z.enum(['never', 'when-empty']) }),
});

type GuardInputs = z.infer<typeof inputs>;

interface GuardState extends GuardInputs {
  /** Definitions that the kit made, by path: only these are ever its own to take away. */
  readonly made: readonly string[];
}

const standingOf = ({ definitions, made }: Partial<GuardState>) => ({
  items: definitions?.items ?? {},
  made: made ?? [],
});

async function claim(before: Partial<GuardState>, next: GuardInputs): Promise<GuardState> {
  const { stack, definitions } = next;
  const made = await claimDefinitions(rigChannel(stack), standingOf(before), definitions.items);
  return { ...next, made };
}

/**
 * `rig:rabbitmq:ChangeGuard`: knows what the stack's brokers were made with, and refuses, already in
 * the preview, a change by which live ones would lose messages or their data.
 */
export const changeGuard: ResourceHandler<GuardInputs, GuardState> = {
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
  diff: async (_id, state, next) => {
    // A state that was moved to another backend says so with its next update.
    claimStack(next.stack);
    const updates = changedKeys(state, next, [
      'topology',
      'brokers',
      'settled',
      'transports',
      'definitions',
    ]);
    if (updates.includes('definitions')) {
      const { items, replace } = next.definitions;
      const refusal = await inspectDefinitions(rigChannel(next.stack), standingOf(state), {
        items,
        replace: replace === 'when-empty',
        swap: state.topology !== next.topology,
      });
      if (refusal !== undefined) throw refusal;
    }
    return { updates, replaces: changedKeys(state, next, ['stack']) };
  },
  create: async (args) => ({ id: args.stack, state: await claim({}, args) }),
  read: (_id, state) => Promise.resolve(state),
  update: (_id, state, next) => claim(state, next),
  delete: () => Promise.resolve(),
};
