import { runCommand } from './lib/cli.ts';
import { endDeparture } from './lib/ownership.ts';
import { withFullPackPaths } from './lib/policy-pack.ts';
import { runPulumi } from './lib/pulumi.ts';
import { requireStack, runsHere } from './lib/stack.ts';
import { ensureStack } from './lib/stack-operations.ts';
import { setup } from './setup.ts';

await runCommand({
  name: 'pulumi',
  summary: "Runs Pulumi on the kit's stacks, with its environment set",
  rest: {
    name: 'arguments',
    description: 'for pulumi, e.g. preview, refresh, config, stack output',
  },
  examples: [
    ['npm run pulumi -- preview', 'what `up` would change'],
    [
      'npm run pulumi -- --stack aws-quorum preview --policy-pack policy',
      'also judges what it would make: rights, rules, encryption',
    ],
    ['npm run pulumi -- refresh', 'what changed on the hosts since the last update'],
    ['npm run pulumi -- --stack rig-warren stack output', 'what the environment tells its users'],
    [
      "npm run pulumi -- config set --path 'rabbitmq-ha-kit:environment.topology' warren",
      'changes the stack file',
    ],
  ],
  notes: [
    'Without PULUMI_BACKEND_URL stacks live in a folder of this machine; with it, in that backend.',
    "Options of pulumi itself that look like the kit's go after a lone `--`.",
  ],
  main: async ({ stack, rest, takeSignals }) => {
    const { toolDir } = await setup({ images: (await runsHere(stack)) ? false : 'elsewhere' });
    // What is made now has not been asked for its messages.
    if (rest[0] === 'up') await endDeparture(stack);
    // Pulumi itself would ask for `stack init`; to be looked at, a stack needs no more than its file.
    if (rest[0] === 'preview' || rest[0] === 'up') {
      await requireStack(stack);
      await ensureStack({ stack, toolDir });
    }
    const argv = withFullPackPaths(rest, process.cwd());
    return runPulumi({ stack, toolDir, argv }, takeSignals);
  },
});
