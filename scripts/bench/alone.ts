import { withCacheLock } from '../../infra/cache-lock.ts';
import { UserError } from '../../infra/errors.ts';
import { liveStacks } from '../../infra/rig-provider/host-record.ts';
import { leftovers, sweep } from '../../infra/rig-provider/remains.ts';
import { createProgress, type Progress } from '../lib/progress.ts';
import { endMarked } from './command.ts';
import { describeMachine, type Figure, type Report } from './report.ts';

/** Reserved: what is found of it is left over from a bench that was killed, and swept. */
export const benchStack = 'kit-bench';

/** What every suite gets that has the machine for itself. */
export interface AloneOptions {
  /** Folder for all that is not on its fixed place; its owner removes it. */
  readonly base: string;
  /** How often it measures: see `--runs`. */
  readonly runs: number;
  readonly force: boolean;
  readonly signal: AbortSignal;
  readonly cleanup: (undo: () => Promise<void>) => void;
}

/** One bench at a time on a machine. */
export const oneAtATime = <T>(progress: Progress, work: () => Promise<T>): Promise<T> =>
  withCacheLock(
    'bench',
    () => {
      progress.note('another bench runs; waiting until it ends');
    },
    work,
  );

/** A suite of `npm run bench` that brings environments up. */
export interface AloneSuite<Options extends AloneOptions> {
  readonly name: string;
  /** Its own stacks on the rig, swept before it and however it ends. */
  readonly stacks: readonly string[];
  readonly measure: (options: Options, progress: Progress) => Promise<readonly Figure[]>;
}

/**
 * Measures with the machine for itself, and leaves it as it was.
 * @throws UserError when other rigs of the kit run beside it and `force` does not allow that, and when
 *   the suite left something behind
 */
export async function measureAlone<Options extends AloneOptions>(
  { name, stacks, measure }: AloneSuite<Options>,
  options: Options,
): Promise<Report> {
  const { base, runs, force, cleanup } = options;
  refuseCompany(stacks, force);
  const progress = createProgress();
  return oneAtATime(progress, async () => {
    const time = new Date().toISOString();
    const machine = describeMachine();
    const sweepAll = async (): Promise<void> => {
      for (const stack of stacks) await sweep(stack);
    };
    cleanup(async () => {
      await endMarked(base);
      await sweepAll();
    });
    await sweepAll();
    const figures = await measure(options, progress);
    await requireNothingLeft(stacks);
    return { suite: name, time, machine, runs, figures };
  });
}

/** @param own the bench's own stacks @throws UserError when others run and `force` does not allow it */
function refuseCompany(own: readonly string[], force: boolean): void {
  const others = liveStacks().filter((name) => !own.includes(name));
  if (others.length === 0 || force) return;
  throw new UserError({
    what: 'other rigs of the kit run on this machine: figures would be noise',
    value: others.join(', '),
    fix: 'take them down first, or measure beside them with --force',
  });
}

/** A bench that littered would spoil the next one's figures. */
async function requireNothingLeft(own: readonly string[]): Promise<void> {
  const left = (await Promise.all(own.map((stack) => leftovers(stack)))).flat();
  if (left.length === 0) return;
  throw new UserError({ what: 'the bench left something behind', value: left.join('\n') });
}
