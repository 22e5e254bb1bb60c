import { z } from 'zod';
import { channelDescription, hasWay } from '../../channels/description.ts';
import { channelTo, describedBy } from '../../channels/open.ts';
import { startService } from '../../operations/service/create.ts';
import { areAwaited } from '../../operations/service/readiness.ts';
import { removeBrokers } from '../../operations/service/removal/remove.ts';
import { messagePolicy, retireService } from '../../operations/service/retire.ts';
import { changedKeys, type ResourceHandler } from '../handler.ts';
import { say, sayHeld, sayWaits } from '../say.ts';

const inputs = z.strictObject({
  stack: z.string(),
  channel: channelDescription.optional(),
  topology: z.string(),
  brokers: z.array(z.string()).min(1),
  clustered: z.boolean(),
  nodes: z.int().min(1).optional(),
});

type ServiceInputs = z.infer<typeof inputs>;

async function start(args: ServiceInputs): Promise<void> {
  if (hasWay(describedBy(args))) {
    await sayWaits(async (onWait) =>
      startService(channelTo(args), args.stack, args, { onHeld: sayHeld, onWait }),
    );
    return;
  }
  say('warning: nobody looked whether the brokers serve (aws.access.method: none)');
}

/**
 * `rig:rabbitmq:Service`: the brokers of one topology, whole. Creating waits for them and takes
 * over from brokers of another topology; deleting refuses to lose messages.
 */
export const service: ResourceHandler<ServiceInputs, ServiceInputs> = {
  inputs,
  secrets: ['channel'],
  diff: async (_id, state, next) => {
    const changed = changedKeys(state, next, [
      'topology',
      'brokers',
      'clustered',
      'nodes',
      'channel',
    ]);
    // Hosts that were healed a moment ago run, but their brokers do not serve yet: wait for them.
    const looked = changed.length === 0 && hasWay(describedBy(next));
    const awaited = looked && (await areAwaited(channelTo(next), next));
    return {
      updates: awaited ? ['brokers'] : changed,
      replaces: changedKeys(state, next, ['stack']),
    };
  },
  create: async (args) => {
    await start(args);
    return { id: `${args.stack}/${args.topology}`, state: args };
  },
  read: (_id, state) => Promise.resolve(state),
  update: async (_id, state, next) => {
    // What would need a look at brokers was refused by the guard.
    if (!hasWay(describedBy(next))) return next;
    const channel = channelTo(next);
    const gone = state.brokers.filter((name) => !next.brokers.includes(name));
    if (next.clustered) await removeBrokers(channel, gone, next.brokers);
    await start(next);
    return next;
  },
  delete: async (_id, state) => {
    await retireService(channelTo(state), state.brokers, messagePolicy(process.env));
  },
};
