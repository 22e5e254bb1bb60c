import { UserError } from '../infra/errors.ts';
import { messagePolicyVariable } from '../infra/operations/service/retire.ts';
import { rigChannel } from '../infra/rig-provider/containers/channel.ts';
import { leftovers, sweep } from '../infra/rig-provider/remains.ts';
import { runCommand } from './lib/cli.ts';
import {
  beginDeparture,
  endDeparture,
  isDeparting,
  refuseHeldMessages,
  refuseStranger,
} from './lib/ownership.ts';
import { createProgress } from './lib/progress.ts';
import { refuseProtected } from './lib/protected.ts';
import { findStaleLock } from './lib/stack-lock.ts';
import {
  forgetStack,
  prepareStack,
  readState,
  serviceExists,
  type StackContext,
  stackExists,
  update,
} from './lib/stack-operations.ts';
import { setup } from './setup.ts';

await runCommand({
  name: 'down',
  summary: 'Takes the environment of a stack down, without a trace but the caches',
  json: true,
  options: {
    'discard-messages': {
      type: 'boolean',
      description: 'go on although queues hold messages or no broker can say',
    },
  },
  examples: [
    ['npm run down', 'refuses while queues hold messages'],
    ['npm run down -- --discard-messages', 'a rig whose messages nobody misses'],
  ],
  notes: ['Exit codes: 0 gone, 1 something is left (it says what), 2 wrong usage.'],
  main: async ({ stack, options, json, takeSignals, io }) => {
    await findStaleLock(stack);
    const progress = createProgress();
    const { toolDir } = await setup({ images: false, progress });
    const used = options['discard-messages'] ? 'discard' : 'keep';
    process.env[messagePolicyVariable] = used;
    const context = { stack, toolDir, progress, takeSignals };
    const exists = await stackExists(context);
    const wasThere = exists || (await leftovers(stack)).length > 0;
    if (exists) refuseProtected(stack, await readState(context));
    if (used === 'keep') await requireConsent(context, exists);
    let deleted = 0;
    if (exists) {
      await prepareStack(context);
      await beginDeparture(stack);
      deleted = (await update(context, 'destroy', ['--remove'])).changes['delete'] ?? 0;
    }
    await forgetStack(context);
    // What a cut-off command made last is in no state.
    await sweep(stack, used);
    const left = await leftovers(stack);
    if (left.length > 0) {
      throw new UserError({
        what: `${stack} is down, but something of it is left on this machine`,
        value: left.join('\n'),
        fix: 'run `npm run down` again; what stays then is a fault of the kit: please report it',
      });
    }
    await endDeparture(stack);
    const end = wasThere ? `${stack} is gone.` : `There is no environment ${stack}: nothing to do.`;
    io.out(`${json ? JSON.stringify({ stack, deleted }) : end}\n`);
    return 0;
  },
});

/**
 * What must be known before anything is taken away. While a service is in the state, its own
 * removal asks the brokers, first of all; what a `down` before left undone has been asked about.
 */
async function requireConsent(context: StackContext, exists: boolean): Promise<void> {
  const { stack } = context;
  if (exists && (await serviceExists(context))) return;
  if (await isDeparting(stack)) return;
  if (!exists) refuseStranger(stack, 'down');
  else await refuseHeldMessages(rigChannel(stack));
}
