import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from '../../infra/wait.ts';

export type Argv = readonly [string, ...string[]];

export interface CommandOptions {
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Milliseconds until it is killed. */
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
}

/**
 * Runs a command to its end in a process group of its own; resolves to its standard output.
 * @throws on a non-zero exit, a passed deadline or an interrupt, with what it said last
 */
export async function runToEnd(argv: Argv, options: CommandOptions): Promise<string> {
  const { cwd, env = process.env, deadlineMs, signal } = options;
  signal.throwIfAborted();
  const [command, ...rest] = argv;
  const child = spawn(command, rest, {
    cwd,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let problems = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (problems += chunk.toString()));
  let cut: string | undefined;
  const kill = (why: string): void => {
    cut = why;
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
  };
  const timer = setTimeout(() => {
    kill(`not done after ${deadlineMs} ms`);
  }, deadlineMs);
  const interrupt = (): void => {
    kill('interrupted');
  };
  signal.addEventListener('abort', interrupt, { once: true });
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    });
    if (code === 0) return output;
    const said = `${problems.slice(-3000)}${output.slice(-1000)}`.trim();
    throw new Error(`${argv.join(' ')}: ${cut ?? `exit ${String(code)}`}: ${said}`);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', interrupt);
  }
}

/**
 * Ends every process that was started with the marker in its environment, this one excepted: what a
 * killed command leaves, such as a plugin of its own process group.
 */
export async function endMarked(marker: string): Promise<void> {
  await waitFor(
    () => {
      const pids = marked(marker);
      for (const pid of pids) {
        try {
          process.kill(pid, 'SIGKILL');
        } catch {
          // It ended by itself meanwhile.
        }
      }
      return Promise.resolve(
        pids.length === 0 ? { done: true, value: true } : { seen: `processes ${pids.join(' ')}` },
      );
    },
    { subject: 'processes of the bench to end', deadlineMs: 5_000, intervalMs: 20 },
  );
}

function marked(marker: string): number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
    .map(Number)
    .filter((pid) => {
      try {
        return readFileSync(join('/proc', String(pid), 'environ'), 'utf8').includes(marker);
      } catch {
        return false;
      }
    });
}
