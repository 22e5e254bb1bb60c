/** Figures of several runs of the same thing, all in one unit. */
export interface Samples {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** In the order they were taken. */
  readonly runs: readonly number[];
}

/** @throws RangeError when there is nothing to summarize. */
export function summarize(runs: readonly number[]): Samples {
  if (runs.length === 0) throw new RangeError('no runs to summarize');
  const sorted = runs.toSorted((a, b) => a - b);
  const at = (index: number): number => sorted[index] ?? NaN;
  const middle = Math.floor(sorted.length / 2);
  const median = sorted.length % 2 === 1 ? at(middle) : (at(middle - 1) + at(middle)) / 2;
  return { median, min: at(0), max: at(sorted.length - 1), runs };
}

/** Seconds that the work takes, and what it gave. */
export async function timed<T>(work: () => Promise<T>): Promise<{ seconds: number; value: T }> {
  const start = performance.now();
  const value = await work();
  return { seconds: (performance.now() - start) / 1000, value };
}

/**
 * Seconds of several pieces of work, run in turn (A B C, A B C, ...), so that a drift of the
 * machine's speed meets all. The first round warms caches and does not count.
 */
export async function inTurn<K extends string>(
  rounds: number,
  works: Readonly<Record<K, () => Promise<unknown>>>,
): Promise<Record<K, Samples>> {
  const entries = Object.entries(works) as [K, () => Promise<unknown>][];
  const seconds = new Map<K, number[]>(entries.map(([name]) => [name, []]));
  for (let round = 0; round <= rounds; round += 1) {
    for (const [name, work] of entries) {
      const { seconds: took } = await timed(work);
      if (round > 0) seconds.get(name)?.push(took);
    }
  }
  const summaries = [...seconds].map(([name, taken]) => [name, summarize(taken)] as const);
  return Object.fromEntries(summaries) as Record<K, Samples>;
}
