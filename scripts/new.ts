import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { frontEnds, targets, topologies } from '../infra/config/names.ts';
import { repositoryRoot } from '../infra/paths.ts';
import { planEnvironment } from '../infra/plan/environment.ts';
import { askAt, openTerminal } from './lib/ask.ts';
import { runCommand, UserError } from './lib/cli.ts';
import { chooseStack, stackName, type Wishes } from './lib/new-questions.ts';
import { newStackFile } from './lib/new-stack.ts';
import { newStackText } from './lib/new-summary.ts';
import { stacksDir } from './lib/pulumi-workspace.ts';
import { listStacks } from './lib/stack.ts';

await runCommand({
  name: 'new',
  summary: 'Writes a stack file for an environment of your choice; asks for what is not given.',
  stack: false,
  json: true,
  positionals: [{ name: 'STACK', description: 'name of the new stack, e.g. orders' }],
  options: {
    topology: {
      type: 'string',
      choices: topologies,
      description: 'how brokers stand to each other',
    },
    'front-end': {
      type: 'string',
      choices: frontEnds,
      description: 'what stands between clients and brokers',
    },
    target: { type: 'string', choices: targets, description: 'where the hosts are' },
    brokers: {
      type: 'number',
      min: 1,
      description: 'number of brokers, where the topology has one',
    },
    memory: { type: 'string', placeholder: 'SIZE', description: 'of a broker host, e.g. 2GiB' },
    disk: {
      type: 'string',
      placeholder: 'SIZE',
      description: 'data volume of a broker; four times its memory unless stated',
    },
    yes: {
      type: 'boolean',
      short: 'y',
      description: 'ask nothing: defaults for what is not given',
    },
    force: { type: 'boolean', description: 'replace a stack file that is there' },
  },
  examples: [
    ['npm run new', 'questions, each with what works and a default'],
    ['npm run new -- orders --topology quorum-cluster --brokers 5', 'no question about these'],
    ['npm run new -- --yes --json pair --topology warren', 'no question at all'],
  ],
  notes: [
    'Only combinations that work are offered, and the file is checked as `npm run up` checks it ' +
      'before it is written. Without a terminal nothing is asked, and STACK and --topology are needed.',
  ],
  main: async ({ options, args, json, io, cleanup }) => {
    const wishes: Wishes = { ...options, frontEnd: options['front-end'], stack: args['STACK'] };
    const known = await listStacks();
    const taken = options.force ? [] : known;
    if (wishes.stack !== undefined) refuseName(wishes.stack, taken);
    const asks = !options.yes && !json && process.stdin.isTTY && process.stdout.isTTY;
    const terminal = asks ? openTerminal() : undefined;
    if (terminal) cleanup(terminal.close);
    const ask = terminal === undefined ? undefined : askAt(terminal);
    const { stack, choice } = await chooseStack(wishes, taken, ask);
    terminal?.close();
    const schema = join(repositoryRoot, 'schema', 'stack.schema.json');
    const { text, config } = newStackFile(stack, choice, { schema, folder: stacksDir });
    const plan = planEnvironment(config);
    const file = join(stacksDir, `Pulumi.${stack}.yaml`);
    await write(file, text, options.force);
    const hosts = plan.hosts.map(({ name, roles, zone }) => ({ name, roles, zone }));
    const summary = { stack, file, environment: choice, hosts };
    io.out(json ? `${JSON.stringify(summary, null, 2)}\n` : newStackText(file, plan));
    return 0;
  },
});

function refuseName(stack: string, taken: readonly string[]): void {
  const problem = stackName(stack, taken);
  if (problem === undefined) return;
  const fix = taken.includes(stack)
    ? 'choose another name, or give --force'
    : 'choose another name';
  throw new UserError({ what: `the stack's name ${problem}`, value: stack, fix });
}

/** @throws UserError when the file is there, also when it came a moment ago, unless `force` */
async function write(file: string, text: string, force: boolean): Promise<void> {
  await mkdir(stacksDir, { recursive: true });
  try {
    if (!force) {
      await writeFile(file, text, { flag: 'wx' });
      return;
    }
    await writeFile(`${file}.new`, text);
    await rename(`${file}.new`, file);
  } catch (cause) {
    const exists = (cause as NodeJS.ErrnoException).code === 'EEXIST';
    throw new UserError({
      what: exists ? 'the stack has a file already' : 'the stack file cannot be written',
      value: file,
      fix: exists ? 'choose another name, or give --force' : 'see the cause',
      ...(exists ? {} : { cause }),
    });
  }
}
