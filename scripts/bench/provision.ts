import { join } from 'node:path';
import { repositoryRoot } from '../../infra/paths.ts';
import type { HostKind } from '../../infra/rig/host-kinds.ts';
import type { Progress } from '../lib/progress.ts';
import { setup } from '../lib/setup.ts';
import { type AloneOptions, benchStack, measureAlone } from './alone.ts';
import { runToEnd } from './command.ts';
import { figuresOf, type Measured } from './figures.ts';
import { measureFloor } from './floor.ts';
import { type Cycle, newLifecycle, runCycle } from './lifecycle.ts';
import { measureMachines } from './machines.ts';
import type { PlanRenderRuns } from './plan-render.ts';
import { emptyProject, kitProject, type Project } from './programs.ts';
import type { Figure, Report } from './report.ts';
import { inTurn, type Samples, summarize } from './samples.ts';

export type Part =
  | 'floor'
  | 'machine-floor'
  | 'up'
  | 'no-op'
  | 'swap'
  | 'down'
  | 'plan-render'
  | 'memory'
  | 'machines';

export interface ProvisionOptions extends AloneOptions {
  readonly parts: readonly Part[];
}

interface Bench extends ProvisionOptions {
  readonly toolDir: string;
  readonly progress: Progress;
}

/** Pairs of no-op and empty updates; medians of fewer still wander on a shared machine. */
const noOpRounds = 5;

/**
 * Measures provisioning, all parts in one run.
 * @throws UserError as `measureAlone` does
 */
export const provision = (options: ProvisionOptions): Promise<Report> =>
  measureAlone({ name: 'provision', stacks: [benchStack], measure: measureParts }, options);

async function measureParts(options: ProvisionOptions, progress: Progress): Promise<Figure[]> {
  const machines = options.parts.includes('machine-floor');
  const images = ['trixie' as const, ...(machines ? (['trixie-machine'] as const) : [])];
  const { toolDir } = await setup({ images, progress });
  return figuresOf(await measure({ ...options, toolDir, progress }));
}

async function measure(bench: Bench): Promise<Measured> {
  const { parts } = bench;
  const empty = await emptyProject(join(bench.base, 'empty'), { ...bench, stack: 'empty' });
  const planRender = parts.includes('plan-render') ? await measureRender(bench, empty) : undefined;
  const floor = parts.includes('floor') ? await measureFloors(bench, 'container') : undefined;
  const machineFloor = parts.includes('machine-floor')
    ? await measureFloors(bench, 'machine')
    : undefined;
  const lives = (['up', 'no-op', 'swap', 'down', 'memory'] as const).some((part) =>
    parts.includes(part),
  );
  const cycles = lives ? await measureCycles(bench, empty) : undefined;
  const machines = parts.includes('machines')
    ? await measureMachines({ ...bench, stack: benchStack })
    : undefined;
  return {
    parts,
    ...(machines === undefined ? {} : { machines }),
    ...(planRender === undefined ? {} : { planRender }),
    ...(floor === undefined ? {} : { floor }),
    ...(machineFloor === undefined ? {} : { machineFloor }),
    ...(cycles === undefined ? {} : { cycles }),
  };
}

async function measureFloors({ runs, progress, signal }: Bench, kind: HostKind): Promise<Samples> {
  const floors: number[] = [];
  const title = kind === 'machine' ? 'Floor of a machine' : 'Floor';
  // The first reads the image from the disk, or saves the state to start from, and does not count.
  for (let run = 0; run <= runs; run += 1) {
    signal.throwIfAborted();
    const seconds = await progress.step(
      run === 0 ? `${title}, to warm up` : `${title} ${run} of ${runs}`,
      () => measureFloor(benchStack, kind, signal),
      { result: (value) => `${value.toFixed(2)} s` },
    );
    if (run > 0) floors.push(seconds);
  }
  return summarize(floors);
}

async function measureCycles(bench: Bench, empty: Project): Promise<readonly Cycle[]> {
  const { parts, runs, progress, base, signal } = bench;
  const life = await newLifecycle(base, benchStack, signal);
  const kit = kitProject({ ...bench, stack: benchStack });
  const cycles: Cycle[] = [];
  const timesWanted = parts.includes('up') || parts.includes('swap') || parts.includes('down');
  for (let run = 0; run <= (timesWanted ? runs : 0); run += 1) {
    const first = run === 0;
    const noOp = first && parts.includes('no-op') ? { rounds: noOpRounds, kit, empty } : undefined;
    const cycleParts = {
      swap: !first && parts.includes('swap'),
      memory: first && parts.includes('memory'),
      ...(noOp === undefined ? {} : { noOp }),
    };
    const title = first ? 'Environment, to warm up' : `Environment ${run} of ${runs}`;
    cycles.push(
      await progress.step(title, (say) => runCycle(life, cycleParts, say), {
        result: ({ up, down }) => `up ${up.toFixed(1)} s, down ${down.toFixed(1)} s`,
      }),
    );
  }
  return cycles;
}

async function measureRender(
  { progress, signal, runs }: Bench,
  empty: Project,
): Promise<Measured['planRender']> {
  return progress.step('Plan and render, and previews of the empty program', async () => {
    const preview = await inTurn(runs, { empty: () => empty.run('preview') });
    const script = join(repositoryRoot, 'scripts/bench/plan-render.ts');
    const sizes = [];
    for (const hosts of [10, 100, 1000]) {
      const colds: number[] = [];
      const warms: number[] = [];
      for (let run = 0; run < runs; run += 1) {
        const output = await runToEnd([process.execPath, script, String(hosts), '4'], {
          cwd: repositoryRoot,
          deadlineMs: 120_000,
          signal,
        });
        const [cold = NaN, ...warm] = (JSON.parse(output) as PlanRenderRuns).runs;
        colds.push(cold);
        warms.push(summarize(warm).median);
      }
      sizes.push({ hosts, cold: summarize(colds), warm: summarize(warms) });
    }
    return { preview: preview.empty, sizes };
  });
}
