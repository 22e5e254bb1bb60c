/**
 * The one way a script of this kit meets its user: declared options, `--help`, errors for people or
 * as JSON, signals, exit codes. A script ends with `await runCommand({ ... })`.
 */
import { constants } from 'node:os';

import { errorJson, errorText } from './cli-errors.ts';
import { helpText } from './cli-help.ts';
import type { Command, CommandIo, Invocation, OptionSpecs, OptionValues } from './cli-model.ts';
import { parseCommandLine, UsageError, wantsJson } from './cli-parse.ts';

export { UserError } from '../../infra/errors.ts';
export { UsageError } from './cli-parse.ts';
export type { Command, CommandIo, Invocation } from './cli-model.ts';

type Signal = 'SIGINT' | 'SIGTERM';
const cleanupDeadlineMs = 10_000;

/** Undo steps of one run, and who takes the next interrupt. */
interface Lifetime {
  readonly abort: AbortController;
  readonly undo: (() => Promise<void> | void)[];
  interruptsIgnored: boolean;
}

/** Runs the command on this process's arguments and ends the process with its exit code. */
export async function runCommand<const S extends OptionSpecs>(command: Command<S>): Promise<never> {
  const io = processIo();
  const lifetime = newLifetime();
  const argv = process.argv.slice(2);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) onSignal(signal, lifetime, io);
  // `status | head` closes the pipe: that is no fault.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  const code = await execute(command, argv, io, lifetime);
  // While a signal is being handled, its handler ends the process with the code it promises.
  if (lifetime.abort.signal.aborted) await new Promise<never>(() => undefined);
  process.exit(code);
}

/**
 * Runs the command and returns its exit code: what `main` returned, 2 for a command line that
 * cannot be understood, 1 for any other error. Never throws.
 */
export async function execute<const S extends OptionSpecs>(
  command: Command<S>,
  argv: readonly string[],
  io: CommandIo,
  lifetime: Lifetime = newLifetime(),
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
    if (!lifetime.abort.signal.aborted) await runUndo(lifetime, io);
  }
}

const newLifetime = (): Lifetime => ({
  abort: new AbortController(),
  undo: [],
  interruptsIgnored: false,
});

function helpers(
  lifetime: Lifetime,
): Pick<Invocation<OptionSpecs>, 'signal' | 'cleanup' | 'ignoreInterrupts'> {
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
  };
}

function onSignal(signal: Signal, lifetime: Lifetime, io: CommandIo): void {
  const code = 128 + constants.signals[signal];
  process.on(signal, () => {
    if (signal === 'SIGINT' && lifetime.interruptsIgnored) return;
    // The second signal means: now.
    if (lifetime.abort.signal.aborted) process.exit(code);
    lifetime.abort.abort(new Error(`interrupted by ${signal}`));
    void runUndo(lifetime, io).finally(() => process.exit(code));
  });
}

/** Latest first; one that fails or takes too long is reported and does not stop the others. */
async function runUndo(lifetime: Lifetime, io: CommandIo): Promise<void> {
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
