import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface LongCommandOptions {
  /** Until the command and its children are killed. */
  readonly deadlineMs: number;
  readonly cwd?: string;
  /** Environment in full; this process's unless stated. */
  readonly env?: NodeJS.ProcessEnv;
  /** Told each line as it comes, standard error and standard output alike. */
  readonly onLine?: (line: string) => void;
  readonly input?: string;
}

const keptLines = 15;

/**
 * Runs a command that takes seconds or minutes, in a process group of its own that does not outlive
 * this process. Resolves to its standard output.
 * @throws when it cannot be started, exits non-zero or passes its deadline, with its last lines.
 */
export async function longCommand(
  argv: readonly string[],
  options: LongCommandOptions,
): Promise<string> {
  const [command = '', ...rest] = argv;
  const { deadlineMs, onLine, input, ...others } = options;
  const child = spawn(command, rest, { ...others, detached: true, stdio: 'pipe' });
  const kill = (): void => {
    killGroup(child.pid);
  };
  process.once('exit', kill);
  const expiry = new AbortController();
  const timer = setTimeout(() => {
    expiry.abort();
    kill();
  }, deadlineMs);
  const last: string[] = [];
  const out: string[] = [];
  const listen = (stream: NodeJS.ReadableStream, all?: string[]): void => {
    createInterface({ input: stream }).on('line', (line) => {
      all?.push(line);
      if (line.trim() === '') return;
      last.push(line);
      if (last.length > keptLines) last.shift();
      onLine?.(line);
    });
  };
  listen(child.stdout, out);
  listen(child.stderr);
  // A command may end without reading its input; its exit code tells the rest.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input ?? '');
  try {
    const code = await new Promise<number>((resolve, reject) => {
      child.on('error', (cause) => {
        reject(new Error(`cannot start ${command}: ${cause.message}`, { cause }));
      });
      child.on('close', (status) => {
        resolve(status ?? 137);
      });
    });
    const expired = expiry.signal.aborted;
    if (expired || code !== 0) {
      const how = expired ? `not done after ${deadlineMs / 1000} s` : `exit ${code}`;
      throw new Error([`${argv.slice(0, 3).join(' ')}: ${how}`, ...last].join('\n'));
    }
    return out.join('\n');
  } finally {
    clearTimeout(timer);
    process.off('exit', kill);
  }
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}
