import { spawn } from 'node:child_process';

/** Seconds of several runs of the same thing. */
export interface Samples {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly runs: readonly number[];
}

export function summarize(runs: readonly number[]): Samples {
  const sorted = [...runs].sort((a, b) => a - b);
  const at = (index: number): number => sorted[Math.min(sorted.length - 1, index)] ?? NaN;
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
 * Runs two pieces of work in turn, A B A B, so that a drift of the machine's speed meets both.
 * The first pair warms caches and does not count.
 */
export async function inTurn(
  runs: number,
  a: () => Promise<unknown>,
  b: () => Promise<unknown>,
): Promise<{ a: Samples; b: Samples }> {
  const as: number[] = [];
  const bs: number[] = [];
  for (let run = 0; run <= runs; run += 1) {
    const { seconds: first } = await timed(a);
    const { seconds: second } = await timed(b);
    if (run === 0) continue;
    as.push(first);
    bs.push(second);
  }
  return { a: summarize(as), b: summarize(bs) };
}

/** Runs a command to its end and resolves to its standard output. @throws on a non-zero exit. */
export async function runToEnd(
  argv: readonly [string, ...string[]],
  options: { cwd: string; env: NodeJS.ProcessEnv },
): Promise<string> {
  const [command, ...rest] = argv;
  const child = spawn(command, rest, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let problems = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (problems += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(output);
      else
        reject(
          new Error(
            `${argv.join(' ')} ended with ${code}: ${problems.slice(-1000)}${output.slice(-1000)}`,
          ),
        );
    });
  });
}
