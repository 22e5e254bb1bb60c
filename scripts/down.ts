import { UserError } from '../infra/errors.ts';
import { messagePolicyVariable } from '../infra/operations/service/retire.ts';
import { leftovers, sweep } from '../infra/rig-provider/remains.ts';
import { ownerElsewhere, refuseTakenName } from '../infra/rig-provider/stacks/registry.ts';
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
import { runsHere } from './lib/stack.ts';
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
import { wayInState } from './lib/way.ts';
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
    const here = await runsHere(stack);
    const { toolDir } = await setup({ images: here ? false : 'elsewhere', progress });
    const used = options['discard-messages'] ? 'discard' : 'keep';
    process.env[messagePolicyVariable] = used;
    const context = { stack, toolDir, progress, takeSignals };
    const exists = await stackExists(context);
    if (!exists) refuseTakenName(stack);
    const wasThere = exists || (here && (await leftovers(stack)).length > 0);
    if (exists) refuseProtected(stack, await readState(context));
    if (used === 'keep') await requireConsent(context, exists);
    let deleted = 0;
    if (exists) {
      await prepareStack(context);
      await beginDeparture(stack);
      deleted = (await update(context, 'destroy', ['--remove'])).changes['delete'] ?? 0;
    }
    await forgetStack(context);
    if (here) await removeRemains(stack, used);
    await endDeparture(stack);
    const end = wasThere ? `${stack} is gone.` : `There is no environment ${stack}: nothing to do.`;
    io.out(`${json ? JSON.stringify({ stack, deleted }) : end}\n`);
    return 0;
  },
});

/**
 * Removes what a cut-off command made last, which is in no state. Somebody else's rig may have the
 * name of a stack on EC2, and is not touched.
 * @throws UserError when something is left all the same
 */
async function removeRemains(stack: string, used: 'discard' | 'keep'): Promise<void> {
  if (ownerElsewhere(stack) !== undefined) return;
  await sweep(stack, used);
  const left = await leftovers(stack);
  if (left.length === 0) return;
  throw new UserError({
    what: `${stack} is down, but something of it is left on this machine`,
    value: left.join('\n'),
    fix: 'run `npm run down` again; what stays then is a fault of the kit: please report it',
  });
}

/**
 * What must be known before anything is taken away. While a service is in the state, its own
 * removal asks the brokers, first of all; what a `down` before left undone has been asked about.
 */
async function requireConsent(context: StackContext, exists: boolean): Promise<void> {
  const { stack } = context;
  if (exists && (await serviceExists(context))) return;
  if (await isDeparting(stack)) return;
  if (!exists) refuseStranger(stack, 'down');
  else await refuseHeldMessages(await wayInState(context));
}
