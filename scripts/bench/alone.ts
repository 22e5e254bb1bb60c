import { withCacheLock } from '../../infra/cache-lock.ts';
import { UserError } from '../../infra/errors.ts';
import { liveStacks } from '../../infra/rig-provider/host-record.ts';
import { leftovers } from '../../infra/rig-provider/remains.ts';
import type { Progress } from '../lib/progress.ts';

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

/** @param own the bench's own stacks @throws UserError when others run and `force` does not allow it */
export function refuseCompany(own: readonly string[], force: boolean): void {
  const others = liveStacks().filter((name) => !own.includes(name));
  if (others.length === 0 || force) return;
  throw new UserError({
    what: 'other rigs of the kit run on this machine: figures would be noise',
    value: others.join(', '),
    fix: 'take them down first, or measure beside them with --force',
  });
}

/** A bench that littered would spoil the next one's figures. */
export async function requireNothingLeft(own: readonly string[]): Promise<void> {
  const left = (await Promise.all(own.map((stack) => leftovers(stack)))).flat();
  if (left.length === 0) return;
  throw new UserError({ what: 'the bench left something behind', value: left.join('\n') });
}
