import { z } from 'zod';
import { changedKeys, type ResourceHandler } from '../handler.ts';
import { hasPowerService, startPowerService, stopPowerService } from '../power/power.ts';
import { removeEmptyFolders } from '../remains.ts';
import { stackName } from '../schemas.ts';

const inputs = z.strictObject({
  stack: stackName,
  /** Of whoever may take a host's power away. */
  password: z.string().min(1),
});

type PowerInputs = z.infer<typeof inputs>;

interface PowerState extends PowerInputs {
  readonly state: 'running' | 'stopped';
}

const stateOf = (stack: string): PowerState['state'] =>
  hasPowerService(stack) ? 'running' : 'stopped';

async function start(args: PowerInputs): Promise<PowerState> {
  await startPowerService(args.stack, args.password);
  return { ...args, state: 'running' };
}

/** `rig:index:Power`: takes the power of the stack's hosts away when one of them asks for it. */
export const power: ResourceHandler<PowerInputs, PowerState> = {
  inputs,
  secrets: ['password'],
  diff: (_id, state, next) => ({
    updates: [
      ...changedKeys(state, next, ['password']),
      ...(stateOf(next.stack) === 'stopped' ? ['state'] : []),
    ],
    replaces: changedKeys(state, next, ['stack']),
  }),
  create: async (args) => ({ id: args.stack, state: await start(args) }),
  read: (_id, state) => Promise.resolve({ ...state, state: stateOf(state.stack) }),
  update: (_id, _state, next) => start(next),
  async delete(_id, { stack }) {
    await stopPowerService(stack);
    removeEmptyFolders(stack);
  },
};
