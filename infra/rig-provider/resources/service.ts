import { z } from 'zod';
import { startService } from '../../operations/service/create.ts';
import { areWhole } from '../../operations/service/readiness.ts';
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
  diff: async (_id, state, next) => {
    const changed = changedKeys(state, next, ['topology', 'brokers', 'clustered']);
    // Hosts that were healed a moment ago run, but their brokers do not serve yet: wait for them.
    const whole = changed.length > 0 || (await areWhole(rigChannel(next.stack), next));
    return {
      updates: whole ? changed : ['brokers'],
      replaces: changedKeys(state, next, ['stack']),
    };
  },
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
