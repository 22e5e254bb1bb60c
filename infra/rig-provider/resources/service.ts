import { z } from 'zod';
import { startService } from '../../operations/service/create.ts';
import { messagePolicy, retireService } from '../../operations/service/retire.ts';
import { rigChannel } from '../containers/channel.ts';
import { changedKeys, type ResourceHandler } from '../handler.ts';

const inputs = z.strictObject({
  stack: z.string(),
  topology: z.string(),
  brokers: z.array(z.string()).min(1),
  clustered: z.boolean(),
});

type ServiceInputs = z.infer<typeof inputs>;

/**
 * `rig:rabbitmq:Service`: the brokers of one topology, whole. Creating waits for them and takes
 * over from brokers of another topology; deleting refuses to lose messages.
 */
export const service: ResourceHandler<ServiceInputs, ServiceInputs> = {
  inputs,
  secrets: [],
  diff: (_id, state, next) => ({
    updates: changedKeys(state, next, ['topology', 'brokers', 'clustered']),
    replaces: changedKeys(state, next, ['stack']),
  }),
  create: async (args) => {
    await startService(rigChannel(args.stack), args.stack, args);
    return { id: `${args.stack}/${args.topology}`, state: args };
  },
  read: (_id, state) => Promise.resolve(state),
  update: async (_id, _state, next) => {
    await startService(rigChannel(next.stack), next.stack, next);
    return next;
  },
  delete: async (_id, state) => {
    await retireService(rigChannel(state.stack), state.brokers, messagePolicy(process.env));
  },
};
