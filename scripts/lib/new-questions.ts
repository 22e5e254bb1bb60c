import type { FrontEndName, TopologyName } from '../../infra/config/names.ts';
import { ConfigError } from '../../infra/config/problems.ts';
import type { Ask } from './ask.ts';
import { UsageError } from './cli.ts';
import {
  brokerCounts,
  type Choice,
  defaultSize,
  diskFor,
  largestDisk,
  load,
  type Shape,
  shapesFor,
} from './new-stack.ts';

/** What the command line says of the new stack. */
export interface Wishes {
  readonly stack: string | undefined;
  readonly topology: string | undefined;
  readonly frontEnd: string | undefined;
  readonly target: string | undefined;
  readonly brokers: number | undefined;
  readonly memory: string | undefined;
  readonly disk: string | undefined;
}

const topologyMeanings: Readonly<Record<TopologyName, string>> = {
  'quorum-cluster': 'RabbitMQ 4: one cluster, queues keep copies on several brokers',
  'mirrored-cluster': 'RabbitMQ 3.10, the classic design: one cluster, a policy mirrors queues',
  warren: 'two brokers that share nothing, one active and one standby',
};
const frontEndMeanings: Readonly<Partial<Record<FrontEndName, string>>> = {
  'haproxy-keepalived': 'two balancers that pass a virtual address between them',
  direct: 'nothing: clients hold the address of every broker',
  external: 'a balancer of your own: the outputs say what to configure',
};
const targetMeanings = { rig: 'this machine', aws: 'EC2' };

/** What is wrong with a name for a stack, as a clause; undefined when nothing is. */
export function stackName(name: string, taken: readonly string[]): string | undefined {
  if (!/^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$/.test(name)) {
    return 'must have at most 40 lower-case letters, digits and -, and start with a letter';
  }
  return taken.includes(name) ? 'is taken' : undefined;
}

/**
 * The whole choice: what was wished for, and for the rest what is answered, or the defaults.
 * @param taken names that the stack must not have
 * @param ask undefined where nobody can be asked
 * @throws UsageError when nobody can be asked for what has no default; ConfigError when wishes
 * contradict each other
 */
export async function chooseStack(
  wishes: Wishes,
  taken: readonly string[],
  ask: Ask | undefined,
): Promise<{ stack: string; choice: Choice }> {
  if (ask === undefined) refuseGaps(wishes);
  refuseContradiction(wishes);
  const shape = await chooseShape(wishes, ask);
  const brokers = await chooseBrokers(wishes, shape, ask);
  const memory = wishes.memory ?? (await askMemory(shape, ask));
  const disk = wishes.disk ?? diskFor(shape, memory);
  const choice = { ...shape, brokers, memory, disk };
  // A contradiction shows before the last question.
  load(choice);
  return { stack: wishes.stack ?? (await askName(shape, taken, ask)), choice };
}

function refuseGaps({ stack, topology }: Wishes): void {
  const fix = 'npm run new -- orders --topology quorum-cluster';
  if (stack === undefined) throw new UsageError({ what: 'the name of the stack is missing', fix });
  if (topology === undefined) throw new UsageError({ what: '--topology is missing', fix });
}

/** What the command line alone already makes impossible is explained by the config's own rules. */
function refuseContradiction(wishes: Wishes): void {
  const { brokers, memory, disk = largestDisk } = wishes;
  const wished = wishedShape(wishes);
  const [example] = shapesFor(wished);
  const shape = example ?? { topology: 'quorum-cluster', ...wished };
  if (brokers !== undefined && example !== undefined && brokerCounts(example).length === 0) {
    throw new UsageError({
      what: `--brokers does not fit: ${example.topology} has a number of its own`,
      value: String(brokers),
      fix: 'leave it out',
    });
  }
  load({ ...shape, brokers, ...(memory === undefined ? {} : { memory }), disk });
}

async function chooseShape(wishes: Wishes, ask: Ask | undefined): Promise<Shape> {
  let chosen: Partial<Shape> = {};
  for (const { key, title, meanings } of axes) {
    const wished = wishes[key];
    const open = shapesFor({ ...chosen, ...wishedShape(wishes) });
    const values = [...new Set(open.map((shape) => shape[key]))];
    const [first] = values;
    if (first === undefined) throw new RangeError(`no ${key} works`);
    const choices = values.map((value) => ({ value, meaning: meanings[value] ?? '' }));
    const answer =
      wished ??
      (ask === undefined || values.length === 1
        ? first
        : await ask({ title, choices, preset: first }));
    chosen = { ...chosen, [key]: answer };
  }
  return chosen as Shape;
}

const axes: readonly {
  readonly key: keyof Shape;
  readonly title: string;
  readonly meanings: Readonly<Partial<Record<string, string>>>;
}[] = [
  { key: 'topology', title: 'How do the brokers stand to each other?', meanings: topologyMeanings },
  { key: 'frontEnd', title: 'What stands between clients and them?', meanings: frontEndMeanings },
  { key: 'target', title: 'Where are the hosts?', meanings: targetMeanings },
];

const wishedShape = ({ topology, frontEnd, target }: Wishes): Partial<Shape> =>
  Object.fromEntries(
    Object.entries({ topology, frontEnd, target }).filter(([, value]) => value !== undefined),
  );

async function chooseBrokers(
  { brokers }: Wishes,
  shape: Shape,
  ask: Ask | undefined,
): Promise<number | undefined> {
  const counts = brokerCounts(shape);
  if (brokers !== undefined || counts.length === 0) return brokers;
  const { brokers: preset = counts[0] } = defaultSize(shape);
  if (ask === undefined) return preset;
  const answer = await ask({
    title: `How many brokers? (${counts.join(', ')})`,
    preset: String(preset),
    problem: (typed) =>
      counts.map(String).includes(typed) ? undefined : `type one of ${counts.join(', ')}`,
  });
  return Number(answer);
}

async function askMemory(shape: Shape, ask: Ask | undefined): Promise<string> {
  const { memory: preset } = defaultSize(shape);
  if (ask === undefined) return preset;
  return ask({
    title: 'How much memory has a broker? Its limits and its disk follow from it.',
    preset,
    problem: (memory) => {
      try {
        diskFor(shape, memory);
        return undefined;
      } catch (error) {
        if (error instanceof ConfigError) return `allowed: ${error.problems[0]?.allowed ?? ''}`;
        throw error;
      }
    },
  });
}

async function askName(
  { topology }: Shape,
  taken: readonly string[],
  ask: Ask | undefined,
): Promise<string> {
  if (ask === undefined) throw new RangeError('nobody can be asked for a name');
  const preset =
    ['', '-2', '-3', '-4', '-5', '-6', '-7', '-8', '-9']
      .map((suffix) => `my-${topology}${suffix}`)
      .find((name) => !taken.includes(name)) ?? 'orders';
  return ask({
    title: 'What is the stack called?',
    preset,
    problem: (name) => {
      const problem = stackName(name, taken);
      return problem === undefined ? undefined : `the name ${problem}`;
    },
  });
}
