import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { frontEnds, mechanisms, targets, topologies } from '../infra/config/names.ts';
import { repositoryRoot } from '../infra/paths.ts';
import { planEnvironment } from '../infra/plan/environment.ts';
import { askAt, openTerminal } from './lib/ask.ts';
import { runCommand, UserError } from './lib/cli.ts';
import type { OptionSpecs, OptionValues } from './lib/cli-model.ts';
import { packageWays } from './lib/new-aws.ts';
import { zonesIn } from './lib/new-aws-questions.ts';
import { chooseStack, stackName, type Wishes } from './lib/new-questions.ts';
import { newStackFile } from './lib/new-stack.ts';
import { newStackText } from './lib/new-summary.ts';
import { stacksDir } from './lib/pulumi-workspace.ts';
import { listStacks } from './lib/stack.ts';

const optionSpecs = {
  target: {
    type: 'string',
    choices: targets,
    description: 'where the hosts are; aws where an option for it is given',
  },
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
  zones: {
    type: 'string',
    placeholder: 'ZONES',
    description: 'availability zones, e.g. a,b,c; on aws letters of the region',
  },
  region: {
    type: 'string',
    description: 'aws: region, e.g. eu-central-1; without questions AWS_REGION unless stated',
  },
  'instance-type': {
    type: 'string',
    placeholder: 'TYPE',
    description: 'aws: of brokers; the smallest m7g with that memory unless stated',
  },
  packages: {
    type: 'string',
    choices: packageWays,
    description: 'aws: through a NAT gateway, through one in each zone, or in images of your own',
  },
  vip: {
    type: 'string',
    choices: mechanisms,
    description: 'aws: how the virtual address of two balancers moves',
  },
  'test-rig': {
    type: 'boolean',
    description: 'aws: `npm run down` takes everything, disks with messages too',
  },
  yes: {
    type: 'boolean',
    short: 'y',
    description: 'ask nothing: defaults for what is not given',
  },
  force: { type: 'boolean', description: 'replace a stack file that is there' },
} as const satisfies OptionSpecs;

await runCommand({
  name: 'new',
  summary: 'Writes a stack file for an environment of your choice; asks for what is not given.',
  stack: false,
  json: true,
  positionals: [{ name: 'STACK', description: 'name of the new stack, e.g. orders' }],
  options: optionSpecs,
  examples: [
    ['npm run new', 'questions, each with what works and a default'],
    ['npm run new -- orders --topology quorum-cluster --brokers 5', 'no question about these'],
    ['npm run new -- --yes --json pair --topology warren', 'no question at all'],
    ['npm run new -- shop --region eu-west-1 --front-end nlb', 'on EC2; asks for the rest'],
  ],
  notes: [
    'Only combinations that work are offered, and the file is checked as `npm run up` checks it ' +
      'before it is written. Without a terminal nothing is asked, and STACK and --topology are needed, on aws a region too.',
  ],
  main: async ({ options, args, json, io, cleanup }) => {
    const wishes = wishesOf(options, args['STACK']);
    const known = await listStacks();
    const taken = options.force ? [] : known;
    if (wishes.stack !== undefined) refuseName(wishes.stack, taken);
    const asks = !options.yes && !json && process.stdin.isTTY && process.stdout.isTTY;
    const terminal = asks ? openTerminal() : undefined;
    if (terminal) cleanup(terminal.close);
    const ask = terminal === undefined ? undefined : askAt(terminal);
    const region =
      ask === undefined ? (io.env['AWS_REGION'] ?? io.env['AWS_DEFAULT_REGION']) : undefined;
    const { stack, choice } = await chooseStack(wishes, taken, ask, region);
    terminal?.close();
    const schema = join(repositoryRoot, 'schema', 'stack.schema.json');
    const { text, config } = newStackFile(stack, choice, { schema, folder: stacksDir });
    const plan = planEnvironment(config);
    const file = join(stacksDir, `Pulumi.${stack}.yaml`);
    await write(file, text, options.force);
    const hosts = plan.hosts.map(({ name, roles, zone }) => ({ name, roles, zone }));
    const summary = { stack, file, environment: choice, hosts };
    io.out(json ? `${JSON.stringify(summary, null, 2)}\n` : newStackText(file, plan, choice));
    return 0;
  },
});

function wishesOf(options: OptionValues<typeof optionSpecs>, stack: string | undefined): Wishes {
  const { brokers, memory, disk, zones, region } = options;
  return {
    stack,
    topology: topologies.find((name) => name === options.topology),
    frontEnd: frontEnds.find((name) => name === options['front-end']),
    target: targets.find((name) => name === options.target),
    zones: zones === undefined ? undefined : zonesIn(zones),
    brokers,
    memory,
    disk,
    aws: {
      region,
      instanceType: options['instance-type'],
      packages: packageWays.find((name) => name === options.packages),
      virtualAddress: mechanisms.find((name) => name === options.vip),
      testRig: options['test-rig'] ? true : undefined,
    },
  };
}

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
