import { spawn } from 'node:child_process';

export interface ExecOptions {
  readonly input?: string;
  /** Milliseconds until the command and its children are killed; 30,000 unless stated. */
  readonly timeoutMs?: number;
  readonly env?: NodeJS.ProcessEnv;
}

export interface ExecResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command of this machine that failed; the message holds command, exit code and last words. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly result: ExecResult;

  constructor(argv: readonly string[], result: ExecResult) {
    super(`${argv.join(' ')}: exit ${result.code}: ${tail(result.stderr || result.stdout)}`);
    this.result = result;
  }
}

/** The end of an output, short enough for one message. */
export function tail(text: string, characters = 1500): string {
  const trimmed = text.trim();
  return trimmed.length <= characters ? trimmed : `...${trimmed.slice(-characters)}`;
}

/**
 * Runs argv in a process group of its own.
 * @throws when it cannot be started or its deadline passes; a non-zero exit is a result.
 */
export function exec(argv: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
  const { input, timeoutMs = 30_000, env = process.env } = options;
  const [command = '', ...rest] = argv;
  return new Promise((resolve, reject) => {
    const child = spawn(command, rest, { env, detached: true, stdio: 'pipe' });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    let expired = false;
    const timer = setTimeout(() => {
      expired = true;
      killGroup(child.pid);
    }, timeoutMs);
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    // A command may end without reading its input; its exit code tells the rest.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input ?? '');
    child.on('error', (cause) => {
      clearTimeout(timer);
      reject(new Error(`cannot start ${command}: ${cause.message}`, { cause }));
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      const stdout = Buffer.concat(out).toString();
      const stderr = Buffer.concat(err).toString();
      if (expired) {
        const last = tail(stderr || stdout);
        reject(
          new Error(`${argv.join(' ')}: not done after ${timeoutMs} ms; last output: ${last}`),
        );
      } else {
        resolve({ code: code ?? (signal === null ? 255 : 128), stdout, stderr });
      }
    });
  });
}

/** As {@link exec}, and a non-zero exit is an error too. Returns standard output. */
export async function must(argv: readonly string[], options?: ExecOptions): Promise<string> {
  const result = await exec(argv, options);
  if (result.code !== 0) throw new CommandError(argv, result);
  return result.stdout;
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It ended between the deadline and the signal.
  }
}
