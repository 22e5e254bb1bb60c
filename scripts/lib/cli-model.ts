/** How a command states its options; `scripts/lib/cli.ts` reads, documents and runs it. */

interface OptionCommon {
  /** One clause, shown by `--help`. */
  readonly description: string;
  /** One letter, e.g. `f` for `-f`. */
  readonly short?: string;
}
export interface BooleanOption extends OptionCommon {
  readonly type: 'boolean';
}
export interface StringOption extends OptionCommon {
  readonly type: 'string';
  /** What stands for the value in `--help`; `VALUE` unless stated. */
  readonly placeholder?: string;
  readonly default?: string;
  /** The only values allowed. */
  readonly choices?: readonly string[];
  /** May be given several times; the value is a list then, and there is no default. */
  readonly multiple?: true;
}
/** A whole number, `min` to `max`. */
export interface NumberOption extends OptionCommon {
  readonly type: 'number';
  readonly placeholder?: string;
  readonly default?: number;
  readonly min?: number;
  readonly max?: number;
}
export type OptionSpec = BooleanOption | StringOption | NumberOption;
export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

type ValueOf<O extends OptionSpec> = O extends BooleanOption
  ? boolean
  : O extends { readonly multiple: true }
    ? readonly string[]
    : O extends { readonly default: infer D }
      ? D extends number
        ? number
        : string
      : O extends NumberOption
        ? number | undefined
        : string | undefined;

/** Values by option name; an option that was not given and has no default is undefined. */
export type OptionValues<S extends OptionSpecs> = { readonly [K in keyof S]: ValueOf<S[K]> };

export interface Positional {
  readonly name: string;
  readonly description: string;
  readonly required?: boolean;
}

export interface Command<S extends OptionSpecs> {
  /** The npm script's name: `status` for `npm run status`. */
  readonly name: string;
  /** One sentence. */
  readonly summary: string;
  /** Options of its own, by kebab-case name; `--help` and the two below come by themselves. */
  readonly options?: S;
  /** Takes `--stack`; true unless stated. */
  readonly stack?: boolean;
  /** Takes `--json`; false unless stated. Errors are then printed as JSON too. */
  readonly json?: boolean;
  readonly positionals?: readonly Positional[];
  /** All further arguments, and everything after a lone `--`, untouched. */
  readonly rest?: { readonly name: string; readonly description: string };
  /** Full command lines, each with what it does. */
  readonly examples: readonly (readonly [line: string, meaning: string])[];
  /** Further paragraphs of `--help`, e.g. exit codes. */
  readonly notes?: readonly string[];
  /** @returns the exit code; 0 when it returns nothing. */
  readonly main: (invocation: Invocation<S>) => Promise<number | undefined>;
}

/** What a command gets to work with. */
export interface Invocation<S extends OptionSpecs> {
  readonly options: OptionValues<S>;
  /** Name from `--stack`, `$PULUMI_STACK` or the default; not yet checked (see `stack.ts`). */
  readonly stack: string;
  readonly json: boolean;
  /** Positional arguments by name. */
  readonly args: Readonly<Record<string, string | undefined>>;
  readonly rest: readonly string[];
  readonly io: CommandIo;
  /** Aborted by each of `endingSignals`, and when output arrives nowhere any more. */
  readonly signal: AbortSignal;
  /**
   * Registers what must be undone: runs when the command ends in any way, signals included, the
   * latest first, each with a deadline of ten seconds.
   * @returns a function that takes it off the list again.
   */
  readonly cleanup: (undo: () => Promise<void> | void) => () => void;
  /** Leaves SIGINT to a child in the foreground until the returned function is called. */
  readonly ignoreInterrupts: () => () => void;
  /**
   * Hands every signal to `taker`, in place of undoing and ending, until the returned function is
   * called. That one tells the first signal that came, if any: then nothing more should be begun,
   * and the command ends with that signal's exit code whatever it returns or throws.
   * From the first call on the command goes on to its end when its output arrives nowhere any more.
   */
  readonly takeSignals: TakeSignals;
}

/** A terminal that was closed or an ssh connection that was lost, Ctrl-C, an operator or a service manager. */
export const endingSignals = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const;
export type Signal = (typeof endingSignals)[number];
export type TakeSignals = (taker: (signal: Signal) => void) => () => Signal | undefined;

/** Where a command prints; tests pass their own. */
export interface CommandIo {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Standard output is a terminal that shows colour. */
  readonly colour: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What `parseCommandLine` makes of the arguments. */
export type ParsedCommandLine =
  | { readonly kind: 'help' }
  | {
      readonly kind: 'run';
      readonly stack: string;
      readonly json: boolean;
      readonly options: Readonly<Record<string, boolean | string | number | readonly string[]>>;
      readonly args: Readonly<Record<string, string>>;
      readonly rest: readonly string[];
    };

export const defaultStack = 'rig-quorum';

/** Options of a command with the common ones, in the order of `--help`. */
export function allOptions(command: Omit<Command<OptionSpecs>, 'main'>): OptionSpecs {
  return {
    ...command.options,
    ...(command.stack === false
      ? {}
      : {
          stack: {
            type: 'string',
            placeholder: 'NAME',
            description: `stack to work on; default $PULUMI_STACK, else ${defaultStack}`,
          },
        }),
    ...(command.json === true
      ? { json: { type: 'boolean', description: 'print JSON, errors included' } }
      : {}),
    help: { type: 'boolean', short: 'h', description: 'print this help' },
  };
}
