import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repositoryRoot } from '../../../infra/paths.ts';

export interface CommandResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly tookMs: number;
}

const logs = process.env['RABBITMQ_HA_KIT_LOGS'] ?? tmpdir();

/** One of the kit's commands while it runs, in a process group of its own like in a shell. */
export class RunningCommand {
  readonly #child: ChildProcess;
  readonly #out: Buffer[] = [];
  readonly #err: Buffer[] = [];
  readonly result: Promise<CommandResult>;

  /**
   * @param argv the npm script's name and its arguments
   * @param env what it finds in its environment besides this process's own
   */
  constructor(argv: readonly string[], deadlineMs: number, env: NodeJS.ProcessEnv = {}) {
    const started = performance.now();
    this.#child = spawn('npm', ['run', '--silent', argv[0] ?? '', '--', ...argv.slice(1)], {
      cwd: repositoryRoot,
      env: { ...process.env, ...env },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child.stdout?.on('data', (chunk: Buffer) => this.#out.push(chunk));
    this.#child.stderr?.on('data', (chunk: Buffer) => this.#err.push(chunk));
    this.result = new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.signal('SIGKILL');
        reject(
          new Error(
            `npm run ${argv.join(' ')}: not done after ${deadlineMs} ms\n${this.said.slice(-3000)}`,
          ),
        );
      }, deadlineMs);
      this.#child.once('error', reject);
      this.#child.once('close', (code, signal) => {
        clearTimeout(timer);
        const result = {
          code,
          signal,
          stdout: Buffer.concat(this.#out).toString(),
          stderr: Buffer.concat(this.#err).toString(),
          tookMs: Math.round(performance.now() - started),
        };
        keep(argv, result);
        resolve(result);
      });
    });
  }

  /** As the terminal does it: to every process of the group. */
  signal(signal: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid === undefined || this.#child.exitCode !== null) return;
    process.kill(-pid, signal);
  }

  get ended(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** What it has printed so far. */
  get said(): string {
    return Buffer.concat([...this.#out, ...this.#err]).toString();
  }
}

/** Runs one of the kit's commands to its end; a non-zero exit is a result. */
export const runCommand = (
  argv: readonly string[],
  deadlineMs: number,
  env?: NodeJS.ProcessEnv,
): Promise<CommandResult> => new RunningCommand(argv, deadlineMs, env).result;

/** @throws with the command's own words when it does not exit with 0. */
export async function mustRun(
  argv: readonly string[],
  deadlineMs: number,
  env?: NodeJS.ProcessEnv,
): Promise<CommandResult> {
  const result = await runCommand(argv, deadlineMs, env);
  if (result.code === 0) return result;
  const ended = result.signal ?? `exit ${String(result.code)}`;
  const said = `${result.stdout}\n${result.stderr}`.trim().slice(-4000);
  throw new Error(`npm run ${argv.join(' ')}: ${ended} after ${result.tookMs} ms\n${said}`);
}

function keep(
  argv: readonly string[],
  { code, signal, stdout, stderr, tookMs }: CommandResult,
): void {
  mkdirSync(logs, { recursive: true, mode: 0o700 });
  const head = `== ${argv.join(' ')}: ${signal ?? String(code)}, ${tookMs} ms\n`;
  const secret = argv.includes('--show-secrets');
  appendFileSync(join(logs, 'commands.log'), head + (secret ? '' : stdout) + stderr, {
    mode: 0o600,
  });
}
