import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { dryRun } from '../../infra/aws/dry-run.ts';
import { deepMerge } from '../../infra/config/merge.ts';
import { loadEnvironment } from '../../infra/config/load.ts';
import { repositoryRoot } from '../../infra/paths.ts';
import { planEnvironment } from '../../infra/plan/environment.ts';
import { compressedUserData, userDataLimit } from '../../infra/render/compressed-user-data.ts';
import { renderEnvironment } from '../../infra/render/environment.ts';
import { createProgress, type Progress } from '../lib/progress.ts';
import { environmentKey } from '../lib/pulumi-workspace.ts';
import { setup } from '../lib/setup.ts';
import { oneAtATime } from './alone.ts';
import { type AwsStack, awsProject } from './aws-programs.ts';
import { emptyProject, type Project } from './programs.ts';
import { describeMachine, type Figure, type Ratio, type Report } from './report.ts';
import { inTurn, type Samples, summarize } from './samples.ts';

export interface PlanOptions {
  /** Folder for all that is not on its fixed place; its owner removes it. */
  readonly base: string;
  readonly runs: number;
  readonly signal: AbortSignal;
}

/** The stack whose brokers are multiplied, and by which section of its config. */
const growing = { name: 'aws-haproxy', section: 'quorumCluster' };
const brokerCounts = [3, 5, 7] as const;

/**
 * Measures previews of the stacks of the target aws beside one of an empty program: their time, what they
 * register and what a host's user-data weighs, and how all three grow with the number of brokers.
 */
export async function plan(options: PlanOptions): Promise<Report> {
  const progress = createProgress();
  return oneAtATime(progress, () => planAlone(options, progress));
}

async function planAlone(options: PlanOptions, progress: Progress): Promise<Report> {
  const time = new Date().toISOString();
  const machine = describeMachine();
  const { toolDir } = await setup({ images: 'elsewhere', progress });
  const ready = await readyStacks();
  const stacks = [...ready, ...grown(ready)];
  const previews = await measurePreviews({ ...options, stacks, toolDir, progress });
  const figures: Figure[] = [
    {
      name: 'empty-preview',
      title: '`pulumi preview` of an empty program',
      unit: 's',
      samples: previews.empty,
    },
  ];
  for (const stack of stacks) {
    figures.push(...(await figuresOf(stack, previews.stacks.get(stack.name), previews.empty)));
  }
  return { suite: 'plan', time, machine, runs: options.runs, figures: withGrowth(figures) };
}

/** Those of the checkout whose target is aws. */
async function readyStacks(): Promise<AwsStack[]> {
  const folder = join(repositoryRoot, 'stacks');
  const files = (await readdir(folder))
    .filter((file) => /^Pulumi\.aws-.+\.yaml$/.test(file))
    .sort();
  return Promise.all(
    files.map(async (file) => {
      const { config } = parse(await readFile(join(folder, file), 'utf8')) as {
        config: Record<string, object>;
      };
      const name = file.slice('Pulumi.'.length, -'.yaml'.length);
      return { name, environment: config[environmentKey] ?? {} };
    }),
  );
}

/** The same stack with more brokers; with the fewest it is there as it is. */
function grown(stacks: readonly AwsStack[]): AwsStack[] {
  const model = stacks.find(({ name }) => name === growing.name);
  if (model === undefined) return [];
  return brokerCounts.slice(1).map((brokers) => ({
    name: grownName(brokers),
    environment: deepMerge(model.environment, { [growing.section]: { brokers } }) as object,
  }));
}

const grownName = (brokers: number): string => `${growing.name}-${brokers}`;

interface Previews {
  readonly empty: Samples;
  readonly stacks: ReadonlyMap<string, Samples>;
}

async function measurePreviews({
  base,
  runs,
  stacks,
  signal,
  toolDir,
  progress,
}: PlanOptions & {
  stacks: readonly AwsStack[];
  toolDir: string;
  progress: Progress;
}): Promise<Previews> {
  return progress.step('Previews', async (say) => {
    const options = { toolDir, signal };
    const projects: Record<string, Project> = {
      empty: await emptyProject(join(base, 'empty'), { ...options, stack: 'empty' }),
    };
    for (const stack of stacks) {
      projects[stack.name] = await awsProject(join(base, stack.name), stack, options);
    }
    const works = Object.entries(projects).map(([name, project]) => [
      name,
      () => {
        say(name);
        return project.run('preview');
      },
    ]);
    const samples = await inTurn(
      runs,
      Object.fromEntries(works) as Record<string, () => Promise<string>>,
    );
    const { empty, ...others } = samples;
    if (empty === undefined) throw new Error('the empty program was not measured');
    return { empty, stacks: new Map(Object.entries(others)) };
  });
}

async function figuresOf(
  { name, environment }: AwsStack,
  preview: Samples | undefined,
  empty: Samples,
): Promise<Figure[]> {
  const environmentPlan = planEnvironment(loadEnvironment(environment, undefined, name));
  const rendered = renderEnvironment(environmentPlan);
  const resources = await dryRun(environmentPlan, rendered);
  const largest = Math.max(...rendered.map((host) => compressedUserData(host).length));
  const figure = (
    kind: string,
    title: string,
    unit: Figure['unit'],
    samples: Samples,
    ratio?: Ratio,
  ): Figure => ({
    name: `${name}-${kind}`,
    title: `${name}: ${title}`,
    unit,
    samples,
    ...(ratio === undefined ? {} : { ratio }),
  });
  return [
    ...(preview === undefined
      ? []
      : [
          figure('preview', '`pulumi preview`', 's', preview, {
            value: preview.median / empty.median,
            of: 'empty programs',
          }),
        ]),
    figure('resources', 'resources', 'resources', summarize([resources.length])),
    figure('user-data', 'largest user-data', 'bytes', summarize([largest]), {
      value: largest / userDataLimit,
      of: 'of what EC2 takes',
      target: 1,
    }),
  ];
}

/** A figure of the grown stack against that of the stack as it is. */
function withGrowth(figures: readonly Figure[]): Figure[] {
  const medianOf = (name: string): number | undefined =>
    figures.find((figure) => figure.name === name)?.samples.median;
  const added = brokerCounts.slice(1).flatMap((brokers) =>
    (['preview', 'resources', 'user-data'] as const).flatMap((kind): Figure[] => {
      const few = medianOf(`${growing.name}-${kind}`);
      const figure = figures.find(({ name }) => name === `${grownName(brokers)}-${kind}`);
      if (few === undefined || figure === undefined) return [];
      return [
        {
          ...figure,
          name: `growth-${brokers}-${kind}`,
          title: `${growing.name} with ${brokers} brokers: ${kind}`,
          ratio: { value: figure.samples.median / few, of: `of ${brokerCounts[0]} brokers` },
        },
      ];
    }),
  );
  const names = brokerCounts.map(grownName);
  return [
    ...figures.filter(({ name }) => !names.some((each) => name.startsWith(`${each}-`))),
    ...added,
  ];
}
