import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { UserError } from '../../infra/errors.ts';
import { cacheDir, repositoryRoot, stateDir } from '../../infra/paths.ts';
import { defaultBackend } from './backend.ts';
import { useBackend } from '../../infra/rig-provider/stacks/registry.ts';
import type { Signal, TakeSignals } from './cli-model.ts';
import { serve } from './pulumi-services.ts';
import { enterWorkspace, leaveWorkspace, workspaceDir } from './pulumi-workspace.ts';

/** Address of the backend that commands use, for people: without what may be a password. */
export const backendInUse = (): string =>
  (process.env['PULUMI_BACKEND_URL'] ?? defaultBackend).replace(/(?<=:\/\/)[^/@]*@/, '');

/** A Pulumi engine event, as `pulumi ... --json` prints them; only what the kit reads. */
export interface EngineEvent {
  readonly resourcePreEvent?: { readonly metadata: ResourceStep };
  readonly resOutputsEvent?: {
    readonly metadata: ResourceStep & {
      /** The resource as it is now; secrets are masked. */
      readonly new?: { readonly outputs?: Readonly<Record<string, unknown>> } | null;
    };
  };
  readonly resOpFailedEvent?: { readonly metadata: ResourceStep };
  readonly diagnosticEvent?: {
    readonly urn?: string;
    readonly severity: string;
    readonly message: string;
    readonly ephemeral?: boolean;
  };
  readonly summaryEvent?: {
    readonly resourceChanges?: Readonly<Record<string, number>>;
    readonly durationSeconds: number;
  };
  readonly error?: string;
}

export interface ResourceStep {
  readonly op: string;
  readonly urn: string;
  readonly type: string;
  readonly diffs?: readonly string[] | null;
}

/** What the user set wins; without it the file backend and its passphrase are the kit's own. */
export function pulumiEnvironment(stack: string, toolDir: string): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = {
    ...process.env,
    PATH: [toolDir, join(repositoryRoot, 'node_modules/.bin'), process.env['PATH']].join(':'),
    PULUMI_STACK: stack,
    PULUMI_SKIP_UPDATE_CHECK: '1',
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'true',
    NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? join(cacheDir, 'compile'),
  };
  if (environment['PULUMI_BACKEND_URL'] === undefined) {
    environment['PULUMI_BACKEND_URL'] = defaultBackend;
    environment['PULUMI_HOME'] ??= join(stateDir, 'pulumi-home');
    environment['PULUMI_DIY_BACKEND_RETAIN_CHECKPOINTS'] ??= 'false';
  }
  if (environment['PULUMI_CONFIG_PASSPHRASE'] === undefined) {
    environment['PULUMI_CONFIG_PASSPHRASE_FILE'] ??= join(stateDir, 'passphrase');
  }
  return environment;
}

export interface PulumiRun {
  readonly stack: string;
  /** Folder of the `pulumi` executable and its language host. */
  readonly toolDir: string;
  readonly argv: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/**
 * Runs pulumi on this terminal as it is and carries what it changed in the stack's config back to
 * the stack file; resolves to its exit code.
 */
export async function runPulumi(run: PulumiRun, takeSignals: TakeSignals): Promise<number> {
  const entry = await enterWorkspace(run.stack);
  const child = start(run, 'terminal');
  // The terminal's interrupt reaches Pulumi, which is in its foreground, without our doing.
  const letGo = takeSignals((signal) => {
    if (signal !== 'SIGINT') child.kill('SIGINT');
  });
  try {
    return await exitCode(child);
  } finally {
    await leaveWorkspace(run.stack, entry).finally(letGo);
  }
}

/** Runs pulumi and resolves to what it printed. @throws UserError with its own words when it fails. */
export async function readPulumi(run: PulumiRun): Promise<string> {
  await enterWorkspace(run.stack);
  const child = start(run, 'with us');
  const output = collect(child.stdout);
  const problems = collect(child.stderr);
  const code = await exitCode(child);
  if (code !== 0) {
    throw new UserError({
      what: `pulumi ${run.argv.slice(0, 2).join(' ')} failed with exit code ${code}`,
      fix: (await problems).trim(),
    });
  }
  return output;
}

/** An update: `argv` are the options after its verb. */
export interface UpdateRun extends PulumiRun {
  readonly verb: 'up' | 'destroy';
  /** Takes what the provider says to people. */
  readonly onWords: (line: string) => void;
}

export interface UpdateEnd {
  readonly code: number;
  readonly errors: string;
  /** The first signal that came meanwhile and was passed on. */
  readonly signal: Signal | undefined;
}

/**
 * Runs an update with its engine events handed to `onEvent`. Every signal to this process goes to
 * Pulumi as an interrupt: the first lets it finish what is under way, write its state and free its
 * lock, a second one ends it at once. Its exit is awaited in any case.
 */
export async function updatePulumi(
  run: UpdateRun,
  onEvent: (event: EngineEvent) => void,
  takeSignals: TakeSignals,
): Promise<UpdateEnd> {
  await enterWorkspace(run.stack);
  useBackend(backendInUse());
  const services = await serve(run.verb, run.onWords);
  const argv = [run.verb, ...run.argv, ...services.argv, '--json'];
  const child = start({ ...run, argv, environment: services.environment }, 'apart');
  const letGo = takeSignals(() => child.kill('SIGINT'));
  try {
    const ended = exitCode(child);
    const errors = collect(child.stderr);
    if (child.stdout !== null) {
      for await (const line of createInterface({ input: child.stdout })) {
        const event = parseEvent(line);
        if (event !== undefined) onEvent(event);
      }
    }
    return { code: await ended, errors: await errors, signal: letGo() };
  } finally {
    letGo();
    services.close();
  }
}

/** Last part of a URN, the name that the program gave. */
export const nameOf = (urn: string): string => urn.slice(urn.lastIndexOf('::') + 2);

const wrappers = {
  terminal: ['env', '--ignore-signal=HUP'],
  'with us': [],
  apart: ['setpriv', '--pdeathsig', 'KILL'],
} as const;

/**
 * In the `terminal`'s foreground Pulumi is deaf to a terminal that closes, which would end it on the spot: it gets
 * an interrupt from us instead.
 * `apart` is out of reach of the terminal's Ctrl-C, so that it gets each signal once, from us; the
 * kernel ends it when we are killed, as it would have been in our group.
 */
function start(run: PulumiRun, place: keyof typeof wrappers): ChildProcess {
  const pulumi = join(run.toolDir, 'pulumi');
  const prompts = place === 'terminal' ? [] : ['--non-interactive'];
  const argv = [...prompts, ...run.argv];
  const apart = place === 'apart';
  const [command = '', ...args] = [...wrappers[place], pulumi, ...argv];
  const output = place === 'terminal' ? 'inherit' : 'pipe';
  return spawn(command, args, {
    cwd: workspaceDir,
    env: { ...pulumiEnvironment(run.stack, run.toolDir), ...run.environment },
    stdio: [place === 'terminal' ? 'inherit' : 'ignore', output, output],
    detached: apart,
  });
}

async function exitCode(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      resolve(code ?? 128 + constants.signals[signal ?? 'SIGTERM']);
    });
  });
}

async function collect(stream: NodeJS.ReadableStream | null): Promise<string> {
  let text = '';
  if (stream !== null) for await (const chunk of stream) text += String(chunk);
  return text;
}

/** Anything that is not an event (a warning of a tool, say) is passed over. */
function parseEvent(line: string): EngineEvent | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as EngineEvent;
  } catch {
    return undefined;
  }
}
