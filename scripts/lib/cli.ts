/**
 * The one way a script of this kit meets its user: declared options, `--help`, errors for people or
 * as JSON, signals, exit codes. A script ends with `await runCommand({ ... })`.
 */
import { constants } from 'node:os';

import { errorJson, errorText } from './cli-errors.ts';
import { helpText } from './cli-help.ts';
import {
  type Command,
  type CommandIo,
  endingSignals,
  type Invocation,
  type OptionSpecs,
  type OptionValues,
  type Signal,
} from './cli-model.ts';
import { parseCommandLine, UsageError, wantsJson } from './cli-parse.ts';

export { UserError } from '../../infra/errors.ts';
export { oneOf, UsageError } from './cli-parse.ts';
export type { Command, CommandIo, Invocation } from './cli-model.ts';

const cleanupDeadlineMs = 10_000;
/**
 * A terminal's Ctrl-C reaches npm and this process, and npm passes it on to this process once more:
 * the same signal again within this time is that echo. Nobody's second thoughts are quicker.
 */
const echoMs = 700;

/** Undo steps of one run, and who takes the next signal. */
interface Lifetime {
  readonly abort: AbortController;
  readonly undo: (() => Promise<void> | void)[];
  /** Settles when the steps that were begun are done: who ends the process waits for it. */
  undoing: Promise<void>;
  interruptsIgnored: boolean;
  taker: ((signal: Signal) => void) | undefined;
  /** There was a taker: what it changes is to be finished even if nobody watches. */
  changes: boolean;
  /** The command has its exit code; what is left is undoing. */
  returned: boolean;
  /** The first signal that a taker was given: the run ends with its exit code. */
  taken: Signal | undefined;
  readonly lastAt: Map<Signal, number>;
}

const exitCodeOf = (signal: Signal | 'SIGPIPE'): number => 128 + constants.signals[signal];

/** Runs the command on this process's arguments and ends the process with its exit code. */
export async function runCommand<const S extends OptionSpecs>(command: Command<S>): Promise<never> {
  const io = processIo();
  const lifetime = newLifetime();
  const argv = process.argv.slice(2);
  for (const signal of endingSignals) {
    process.on(signal, () => {
      receive(signal, lifetime, io);
    });
  }
  for (const name of ['stdout', 'stderr'] as const) {
    process[name].on('error', (error: NodeJS.ErrnoException) => {
      outputLost(name, error, lifetime, io);
    });
  }
  const code = await execute(command, argv, io, lifetime);
  // While a signal is being handled, its handler ends the process with the code it promises.
  if (lifetime.abort.signal.aborted) await new Promise<never>(() => undefined);
  process.exit(code);
}

/**
 * Runs the command and returns its exit code: what `main` returned, 2 for a command line that
 * cannot be understood, 1 for any other error; after a signal that went to a taker, the signal's.
 * Never throws.
 */
export async function execute<const S extends OptionSpecs>(
  command: Command<S>,
  argv: readonly string[],
  io: CommandIo,
  lifetime: Lifetime = newLifetime(),
): Promise<number> {
  const code = await runMain(command, argv, io, lifetime);
  return lifetime.taken === undefined ? code : exitCodeOf(lifetime.taken);
}

async function runMain<const S extends OptionSpecs>(
  command: Command<S>,
  argv: readonly string[],
  io: CommandIo,
  lifetime: Lifetime,
): Promise<number> {
  const declaration = command as unknown as Command<OptionSpecs>;
  try {
    const parsed = parseCommandLine(declaration, argv, io.env);
    if (parsed.kind === 'help') {
      io.out(helpText(declaration));
      return 0;
    }
    const { options, ...others } = parsed;
    // The parser fills in exactly what the specs of S declare.
    const invocation: Invocation<S> = {
      ...others,
      ...helpers(lifetime),
      io,
      options: options as OptionValues<S>,
    };
    return (await command.main(invocation)) ?? 0;
  } catch (error) {
    if (!lifetime.abort.signal.aborted) {
      if (wantsJson(declaration, argv)) io.out(errorJson(error));
      else io.err(errorText(error));
    }
    return error instanceof UsageError ? 2 : 1;
  } finally {
    lifetime.returned = true;
    if (!lifetime.abort.signal.aborted) await runUndo(lifetime, io);
  }
}

const newLifetime = (): Lifetime => ({
  abort: new AbortController(),
  undo: [],
  undoing: Promise.resolve(),
  interruptsIgnored: false,
  taker: undefined,
  changes: false,
  returned: false,
  taken: undefined,
  lastAt: new Map(),
});

function helpers(
  lifetime: Lifetime,
): Pick<Invocation<OptionSpecs>, 'signal' | 'cleanup' | 'ignoreInterrupts' | 'takeSignals'> {
  return {
    signal: lifetime.abort.signal,
    cleanup: (undo) => {
      lifetime.undo.push(undo);
      return () => {
        const index = lifetime.undo.indexOf(undo);
        if (index >= 0) lifetime.undo.splice(index, 1);
      };
    },
    ignoreInterrupts: () => {
      lifetime.interruptsIgnored = true;
      return () => {
        lifetime.interruptsIgnored = false;
      };
    },
    takeSignals: (taker) => {
      lifetime.taker = taker;
      lifetime.changes = true;
      return () => {
        lifetime.taker = undefined;
        return lifetime.taken;
      };
    },
  };
}

function receive(signal: Signal, lifetime: Lifetime, io: CommandIo): void {
  if (signal === 'SIGINT' && lifetime.interruptsIgnored) return;
  const now = performance.now();
  const before = lifetime.lastAt.get(signal);
  // It means no second thoughts: a terminal that closes tells it twice (its shell does, and the kernel when
  // that has ended), and may close because Ctrl-C was the last thing to do there.
  if (signal === 'SIGHUP' && (before !== undefined || lifetime.taken !== undefined)) return;
  lifetime.lastAt.set(signal, now);
  if (now - (before ?? -Infinity) < echoMs) return;
  if (lifetime.taker !== undefined) {
    lifetime.taken ??= signal;
    lifetime.taker(signal);
    return;
  }
  const code = exitCodeOf(signal);
  // The second signal means: now.
  if (lifetime.abort.signal.aborted) process.exit(code);
  end(`interrupted by ${signal}`, code, lifetime, io);
}

/**
 * What is said arrives nowhere: `status | head` has seen enough, Ctrl-C ended the `tee` behind `up` too, the
 * terminal is gone, the disk of a log is full. An update goes on unseen: half of one would be worse. Others
 * undo what they have to, and end.
 */
function outputLost(
  name: 'stdout' | 'stderr',
  error: NodeJS.ErrnoException,
  lifetime: Lifetime,
  io: CommandIo,
): void {
  if (lifetime.changes || lifetime.returned || lifetime.abort.signal.aborted) return;
  if (error.code !== 'EPIPE') {
    end(error.message, 1, lifetime, io);
    io.err(errorText(error));
    return;
  }
  // Who has read enough of a result made no mistake; progress tells nobody that there was a result.
  const code = name === 'stdout' ? 0 : exitCodeOf('SIGPIPE');
  end(`nobody reads ${name}`, code, lifetime, io);
}

function end(reason: string, code: number, lifetime: Lifetime, io: CommandIo): void {
  // Ctrl-C ends the reader too, and a terminal that closes takes both: what follows at once is an echo.
  for (const signal of endingSignals) lifetime.lastAt.set(signal, performance.now());
  lifetime.abort.abort(new Error(reason));
  void runUndo(lifetime, io).finally(() => process.exit(code));
}

function runUndo(lifetime: Lifetime, io: CommandIo): Promise<void> {
  lifetime.undoing = lifetime.undoing.then(() => undoAll(lifetime, io));
  return lifetime.undoing;
}

/** Latest first; one that fails or takes too long is reported and does not stop the others. */
async function undoAll(lifetime: Lifetime, io: CommandIo): Promise<void> {
  for (let undo = lifetime.undo.pop(); undo; undo = lifetime.undo.pop()) {
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`clean-up took longer than ${cleanupDeadlineMs / 1000} s`));
      }, cleanupDeadlineMs);
    });
    try {
      await Promise.race([undo(), deadline]);
    } catch (error) {
      io.err(errorText(error));
    } finally {
      clearTimeout(timer);
    }
  }
}

function processIo(): CommandIo {
  const { env, stdout, stderr } = process;
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    colour: stdout.isTTY && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb',
    env,
  };
}
