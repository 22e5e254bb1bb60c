import { loadEnvironment } from '../../../infra/config/load.ts';
import { planEnvironment } from '../../../infra/plan/environment.ts';
import { rigImages } from '../../../infra/rig/host-kinds.ts';
import { sweep } from '../../../infra/rig-provider/remains.ts';
import type { Progress } from '../../lib/progress.ts';
import { setup } from '../../lib/setup.ts';
import { type AloneOptions, benchStack, measureAlone } from '../alone.ts';
import { newLifecycle } from '../lifecycle.ts';
import { readEnvironment } from '../ready-stack.ts';
import { type Figure, ratioTo, type Report } from '../report.ts';
import { summarize } from '../samples.ts';
import { measureTakeOver, type TakeOver } from './take-over.ts';

/** Most that an outage may be of the sum of what cannot be left out. */
const target = 1.25;

/**
 * Measures how long clients of `rig-drbd` are without a broker when the host that has it loses its power.
 * @throws UserError as `measureAlone` does
 */
export const failover = (options: AloneOptions): Promise<Report> =>
  measureAlone({ name: 'failover', stacks: [benchStack], measure: measureTakeOvers }, options);

async function measureTakeOvers(
  { base, runs, signal }: AloneOptions,
  progress: Progress,
): Promise<Figure[]> {
  const environment = await readEnvironment('rig-drbd');
  const config = loadEnvironment(environment, undefined, benchStack);
  const plan = planEnvironment(config);
  await setup({ images: rigImages(plan), progress });
  const life = await newLifecycle(base, benchStack, signal, environment);
  await progress.step('Environment', () => life.command('up'));
  const seen: TakeOver[] = [];
  for (let run = 1; run <= runs; run += 1) {
    signal.throwIfAborted();
    seen.push(
      await progress.step(`Host lost, ${run} of ${runs}`, () => measureTakeOver(plan), {
        result: ({ outage }) => `${(outage / 1000).toFixed(1)} s without a broker`,
      }),
    );
    if (run < runs) {
      await progress.step('Bringing it back', () => life.command('up'));
    }
  }
  await progress.step('Taking it down', () => sweep(benchStack));
  // Corosync gives a host up after its token, and agrees on that for a fifth more than the token.
  const agreed = config.drbdPacemaker.token * 2.2;
  return figuresOf(seen, agreed);
}

function figuresOf(seen: readonly TakeOver[], agreedMs: number): Figure[] {
  const figure = (name: string, title: string, values: readonly number[]): Figure => ({
    ...{ name, title, unit: 'ms', samples: summarize(values) },
  });
  const of = (part: keyof TakeOver): number[] => seen.map((each) => each[part]);
  const least = seen.map(({ fence, mount, start }) => agreedMs + fence + mount + start);
  const outage = summarize(of('outage'));
  return [
    {
      ...figure('outage', 'Host with the broker lost: until another AMQP connection', of('outage')),
      ...ratioTo(outage, summarize(least), 'of the sum below', target),
    },
    figure('agreed', '  token and consensus, as configured', [agreedMs]),
    figure('fence', '  fencing', of('fence')),
    figure('mount', '  mounting the disk', of('mount')),
    figure('start', "  the broker's start", of('start')),
  ];
}
