import { UserError } from '../infra/errors.ts';
import { messagePolicyVariable } from '../infra/operations/service/retire.ts';
import { leftovers, sweep } from '../infra/rig-provider/remains.ts';
import { runCommand } from './lib/cli.ts';
import { createProgress } from './lib/progress.ts';
import { enterWorkspace } from './lib/pulumi-workspace.ts';
import { forgetStack, prepareStack, stackExists, update } from './lib/stack-operations.ts';
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
  main: async ({ stack, options, json, signal, ignoreInterrupts, io }) => {
    const progress = createProgress();
    const { toolDir } = await setup({ images: false, progress });
    await enterWorkspace(stack);
    const context = {
      stack,
      toolDir,
      progress,
      signal,
      ignoreInterrupts,
      environment: { [messagePolicyVariable]: options['discard-messages'] ? 'discard' : 'keep' },
    };
    let deleted = 0;
    if (await stackExists(context)) {
      await prepareStack(context);
      deleted = (await update(context, 'destroy', ['--remove'])).changes['delete'] ?? 0;
    }
    await forgetStack(context);
    // What a cut-off command made last is in no state.
    await sweep(stack);
    const left = await leftovers(stack);
    if (left.length > 0) {
      throw new UserError({
        what: `${stack} is down, but something of it is left on this machine`,
        value: left.join('\n'),
        fix: 'run `npm run down` again; what stays then is a fault of the kit: please report it',
      });
    }
    io.out(json ? `${JSON.stringify({ stack, deleted })}\n` : `${stack} is gone.\n`);
    return 0;
  },
});
