import type { FrontEndName, MechanismName, TopologyName } from '../../infra/config/names.ts';
import { ConfigError } from '../../infra/config/problems.ts';
import type { Ask } from './ask.ts';
import { UsageError } from './cli.ts';
import type { PackageWay } from './new-aws.ts';
import { chooseAws, choosePlace, letterOf } from './new-aws-questions.ts';
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
  readonly topology: TopologyName | undefined;
  readonly frontEnd: FrontEndName | undefined;
  readonly target: Shape['target'] | undefined;
  readonly zones: readonly string[] | undefined;
  readonly brokers: number | undefined;
  readonly memory: string | undefined;
  readonly disk: string | undefined;
  /** Only the target aws knows these. */
  readonly aws: AwsWishes;
}

export interface AwsWishes {
  readonly region: string | undefined;
  readonly instanceType: string | undefined;
  readonly packages: PackageWay | undefined;
  readonly virtualAddress: MechanismName | undefined;
  readonly testRig: true | undefined;
}

const topologyMeanings: Readonly<Record<TopologyName, string>> = {
  'quorum-cluster': 'RabbitMQ 4: one cluster, queues keep copies on several brokers',
  'mirrored-cluster': 'RabbitMQ 3.10, the classic design: one cluster, a policy mirrors queues',
  warren: 'two brokers that share nothing, one active and one standby',
  'drbd-pacemaker':
    'one broker whose disk is on two hosts, in virtual machines; one host takes over from the other',
};
const frontEndMeanings: Readonly<Record<FrontEndName, string>> = {
  'haproxy-keepalived': 'two balancers that pass a virtual address between them',
  'lvs-keepalived': 'two LVS directors, whose kernel balances, that pass a virtual address',
  direct: 'nothing: clients hold the address of every broker',
  external: 'a balancer of your own: the outputs say what to configure',
  'pacemaker-vip': 'an address that the broker takes along (drbd-pacemaker)',
  nlb: 'a Network Load Balancer of AWS',
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
 * @param usualRegion for when nobody can be asked and the command line has none
 * @throws UsageError when nobody can be asked for what has no default; ConfigError when wishes
 * contradict each other
 */
export async function chooseStack(
  wishes: Wishes,
  taken: readonly string[],
  ask: Ask | undefined,
  usualRegion?: string,
): Promise<{ stack: string; choice: Choice }> {
  const wished = withRegion(withTarget(wishes), usualRegion);
  if (ask === undefined) refuseGaps(wished);
  refuseContradiction(wished);
  const shape = await chooseShape(wished, ask);
  const brokers = await chooseBrokers(wished, shape, ask);
  const place = await choosePlace(wished, { ...shape, brokers }, ask);
  const begun = { ...shape, brokers, ...place };
  const memory = wished.memory ?? (await askMemory(begun, wished.aws.instanceType, ask));
  const disk = wished.disk ?? diskFor(begun, memory);
  const sized = { ...begun, memory, disk };
  const choice = { ...sized, aws: await chooseAws(wished, sized, ask) };
  // A contradiction shows before the last question.
  load(choice);
  return { stack: wished.stack ?? (await askName(shape, taken, ask)), choice };
}

/** Where one of its own was stated, the target aws is meant. */
function withTarget(wishes: Wishes): Wishes {
  const { target, aws } = wishes;
  const stated = Object.values(aws).some((value) => value !== undefined);
  if (!stated) return wishes;
  if (target !== 'rig') return { ...wishes, target: 'aws' };
  throw new UsageError({
    what: '--region, --instance-type, --packages, --vip and --test-rig are for target aws alone',
    value: target,
    fix: 'leave them out, or say --target aws',
  });
}

/** With the region that is meant, and zones as its letters. */
function withRegion(wishes: Wishes, usual: string | undefined): Wishes {
  if (wishes.target !== 'aws') return wishes;
  const { zones, aws } = wishes;
  const region = aws.region ?? usual;
  return {
    ...wishes,
    zones: zones?.map((zone) => letterOf(zone, region)),
    aws: { ...aws, region },
  };
}

function refuseGaps({ stack, topology, target, aws }: Wishes): void {
  const fix = 'npm run new -- orders --topology quorum-cluster';
  if (stack === undefined) throw new UsageError({ what: 'the name of the stack is missing', fix });
  if (topology === undefined) throw new UsageError({ what: '--topology is missing', fix });
  if (target === 'aws' && aws.region === undefined) {
    throw new UsageError({
      what: '--region is missing, and AWS_REGION names none: no region is right for everybody',
      fix: `${fix} --region eu-central-1`,
    });
  }
}

/** What the command line alone already makes impossible is explained by the config's own rules. */
function refuseContradiction(wishes: Wishes): void {
  const { brokers, memory, zones, target, aws, disk = largestDisk } = wishes;
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
  const { packages = 'golden-image' as const, ...rest } = aws;
  load({
    ...shape,
    brokers,
    ...(zones === undefined ? {} : { zones }),
    ...(memory === undefined ? {} : { memory }),
    disk,
    ...(target === 'aws' ? { aws: { ...onlyStated(rest), packages } } : {}),
  });
}

const onlyStated = (wishes: object): object =>
  Object.fromEntries(Object.entries(wishes).filter(([, value]) => value !== undefined));

async function chooseShape(wishes: Wishes, ask: Ask | undefined): Promise<Shape> {
  let chosen: Partial<Shape> = {};
  for (const { key, title, meanings } of axes) {
    const wished = wishes[key];
    const open = shapesFor({ ...chosen, ...wishedShape(wishes) });
    const values = [...new Set(open.map((shape) => shape[key]))];
    // Only the topology whose broker has an address of its own goes with that one, and needs no other.
    const preset =
      values.find((value) => value === 'rig' || value === 'pacemaker-vip') ?? values[0];
    if (preset === undefined) throw new RangeError(`no ${key} works`);
    const choices = values.map((value) => ({ value, meaning: meanings[value] ?? '' }));
    const answer =
      wished ??
      (ask === undefined || values.length === 1 ? preset : await ask({ title, choices, preset }));
    chosen = { ...chosen, [key]: answer };
  }
  return chosen as Shape;
}

/** The target first: it decides what there is to choose from. */
const axes: readonly {
  readonly key: keyof Shape;
  readonly title: string;
  readonly meanings: Readonly<Partial<Record<string, string>>>;
}[] = [
  { key: 'target', title: 'Where are the hosts?', meanings: targetMeanings },
  { key: 'topology', title: 'How do the brokers stand to each other?', meanings: topologyMeanings },
  { key: 'frontEnd', title: 'What stands between clients and them?', meanings: frontEndMeanings },
];

const wishedShape = ({ topology, frontEnd, target }: Wishes): Partial<Shape> =>
  onlyStated({ topology, frontEnd, target });

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

async function askMemory(
  begun: Omit<Choice, 'memory' | 'disk'>,
  instanceType: string | undefined,
  ask: Ask | undefined,
): Promise<string> {
  const { memory: preset } = defaultSize(begun, instanceType);
  if (ask === undefined || instanceType !== undefined) return preset;
  const follows = begun.target === 'aws' ? 'instance type, limits and disk' : 'limits and disk';
  return ask({
    title: `How much memory has a broker? Its ${follows} follow from it.`,
    preset,
    problem: (memory) => {
      try {
        diskFor(begun, memory);
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
