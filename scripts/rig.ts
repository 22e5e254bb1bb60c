import { UserError } from '../infra/errors.ts';
import { sweep } from '../infra/rig-provider/remains.ts';
import { findStacks } from '../infra/rig-provider/stacks/inventory.ts';
import { judgeStack } from '../infra/rig-provider/stacks/ownership.ts';
import { diskUsage, stackMemory } from '../infra/rig-provider/stacks/usage.ts';
import { oneOf, runCommand, UsageError } from './lib/cli.ts';
import {
  collectible,
  type JudgedStack,
  type ListedStack,
  listText,
  planText,
} from './lib/rig-text.ts';

const actions = ['list', 'gc'] as const;

await runCommand({
  name: 'rig',
  summary: 'Shows the stacks on this machine, and removes what belongs to none.',
  stack: false,
  json: true,
  positionals: [{ name: 'action', description: `one of ${actions.join(', ')}`, required: true }],
  rest: { name: 'stack', description: 'only these stacks' },
  options: {
    yes: { type: 'boolean', description: 'gc: remove what it shows' },
    'dry-run': { type: 'boolean', description: 'gc: only show it, which is what it does anyway' },
    'discard-messages': {
      type: 'boolean',
      description: 'gc: also remove orphans whose volumes may hold messages',
    },
  },
  examples: [
    ['npm run rig -- list', 'every stack on this machine, of any state folder'],
    ['npm run rig -- gc', 'what no state knows any more; removes nothing'],
    ['npm run rig -- gc --yes', 'removes it'],
  ],
  notes: [
    'gc touches no stack that a state on this machine knows, running or not, none that a command is at, and none whose backend is elsewhere.',
    'Exit codes: 0 done, 1 failed, 2 wrong usage.',
  ],
  main: async ({ args, rest, options, json, io }) => {
    const value = args['action'];
    const action = oneOf(actions, { subject: 'action', value, fix: 'npm run rig -- list' });
    if (options.yes && options['dry-run']) {
      throw new UsageError({ what: '--yes and --dry-run exclude each other' });
    }
    const stacks = chosen(await judgeAll(), rest);
    if (action === 'list') {
      const listed = await Promise.all(stacks.map(withUsage));
      io.out(json ? `${JSON.stringify(listed, null, 2)}\n` : listText(listed));
      return 0;
    }
    const plan = collectible(stacks, options['discard-messages']);
    if (!json) io.out(planText(plan, options.yes));
    if (options.yes) for (const { stack, folders } of plan.remove) await collect(stack, folders);
    if (json) io.out(`${JSON.stringify({ ...plan, removed: options.yes }, null, 2)}\n`);
    return 0;
  },
});

async function judgeAll(): Promise<JudgedStack[]> {
  const found = await findStacks();
  return Promise.all(found.map(async (stack) => ({ ...stack, ...(await judgeStack(stack)) })));
}

/** @throws UserError when one that was named is not on this machine. */
function chosen(stacks: readonly JudgedStack[], names: readonly string[]): readonly JudgedStack[] {
  if (names.length === 0) return stacks;
  const known = stacks.map(({ stack }) => stack);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new UserError({
      what: 'nothing of this stack is on this machine',
      value: unknown.join(', '),
      allowed: known.length === 0 ? 'no stack is here' : known,
      fix: 'npm run rig -- list shows what is there',
    });
  }
  return stacks.filter(({ stack }) => names.includes(stack));
}

async function withUsage(found: JudgedStack): Promise<ListedStack> {
  return {
    stack: found.stack,
    belonging: found.belonging,
    why: found.why,
    topology: found.topology ?? null,
    hosts: found.hosts,
    memoryBytes: await stackMemory(found.stack),
    diskBytes: await diskUsage(found.folders.disks),
    ports: found.ports,
    since: found.record?.since ?? null,
    stateDir: found.record?.stateDir ?? null,
    backend: found.record?.backend ?? null,
  };
}

/** Looks once more: since it was shown, somebody may have begun to bring the stack up. */
async function collect(stack: string, folders: JudgedStack['folders']): Promise<void> {
  const [now] = (await judgeAll()).filter((one) => one.stack === stack);
  if (now?.belonging === 'orphan') await sweep(stack, 'discard', folders);
}
