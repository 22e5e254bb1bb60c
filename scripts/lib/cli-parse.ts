import { parseArgs } from 'node:util';

import { UserError } from '../../infra/errors.ts';
import { suggest } from '../../infra/suggest.ts';
import { allOptions, defaultStack } from './cli-model.ts';
import type { Command, OptionSpec, OptionSpecs, ParsedCommandLine } from './cli-model.ts';

/** A command line that cannot be understood; ends with exit code 2. */
export class UsageError extends UserError {
  override readonly name = 'UsageError';
}

/**
 * A word of the command line that must be one of a few.
 * @param subject what the word names, e.g. `action`
 * @throws UsageError with those that there are
 */
export function oneOf<T extends string>(
  allowed: readonly T[],
  { subject, value, fix }: { subject: string; value: string | undefined; fix?: string },
): T {
  const found = allowed.find((word) => word === value);
  if (found !== undefined) return found;
  const what = `unknown ${subject}`;
  throw new UsageError({ what, value, allowed, ...(fix === undefined ? {} : { fix }) });
}

type Declaration = Omit<Command<OptionSpecs>, 'main'>;
type Value = boolean | string | number | readonly string[];

/**
 * Reads a command's arguments.
 * @throws UsageError for unknown options, wrong values and missing or superfluous arguments.
 */
export function parseCommandLine(
  command: Declaration,
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): ParsedCommandLine {
  const specs = allOptions(command);
  const [own, after] = splitAtRest(command, argv);
  const { tokens } = parseArgs({
    args: own,
    strict: false,
    allowPositionals: true,
    tokens: true,
    options: Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, shape(spec)])),
  });
  if (tokens.some((token) => token.kind === 'option' && token.name === 'help')) {
    return { kind: 'help' };
  }
  const values: Record<string, Value> = {};
  const words: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value);
    if (token.kind !== 'option') continue;
    const spec = Object.hasOwn(specs, token.name) ? specs[token.name] : undefined;
    if (!spec) {
      // Once the words of another program have begun, an option that is not ours is that program's.
      if (!hasRestBegun(command, words)) {
        throw unknownOption(command, token.rawName, Object.keys(specs));
      }
      // Several letters after one dash are several tokens of one argument.
      const word = own[token.index] ?? token.rawName;
      if (tokens.find(({ index }) => index === token.index) === token) words.push(word);
      continue;
    }
    const value = readValue(token, spec);
    const before = values[token.name];
    values[token.name] =
      spec.type === 'string' && spec.multiple
        ? [...(Array.isArray(before) ? (before as string[]) : []), String(value)]
        : value;
  }
  const { stack, json, ...options } = { ...defaults(specs), ...values };
  return {
    kind: 'run',
    stack: typeof stack === 'string' ? stack : (nonEmpty(env['PULUMI_STACK']) ?? defaultStack),
    json: json === true,
    options,
    ...readPositionals(command, words, after),
  };
}

const hasRestBegun = (command: Declaration, words: readonly string[]): boolean =>
  command.rest !== undefined && words.length > (command.positionals ?? []).length;

/** The command declares `--json` and the arguments hold it, however wrong the rest may be. */
export function wantsJson(command: Declaration, argv: readonly string[]): boolean {
  return command.json === true && splitAtRest(command, argv)[0].includes('--json');
}

function splitAtRest(command: Declaration, argv: readonly string[]): [string[], string[]] {
  const at = command.rest ? argv.indexOf('--') : -1;
  return at < 0 ? [[...argv], []] : [argv.slice(0, at), argv.slice(at + 1)];
}

function shape(spec: OptionSpec): { type: 'string' | 'boolean'; short?: string } {
  const short = spec.short === undefined ? {} : { short: spec.short };
  return { type: spec.type === 'boolean' ? 'boolean' : 'string', ...short };
}

function defaults(specs: OptionSpecs): Record<string, Value> {
  const found: Record<string, Value> = {};
  for (const [name, spec] of Object.entries(specs)) {
    if (spec.type === 'boolean') found[name] = false;
    else if (spec.default !== undefined) found[name] = spec.default;
    else if (spec.type === 'string' && spec.multiple) found[name] = [];
  }
  return found;
}

interface OptionToken {
  readonly rawName: string;
  readonly value?: string | undefined;
  readonly inlineValue?: boolean | undefined;
}

function readValue(token: OptionToken, spec: OptionSpec): boolean | string | number {
  const { rawName, value } = token;
  if (spec.type === 'boolean') {
    if (value === undefined) return true;
    throw new UsageError({ what: `${rawName} takes no value`, value, fix: `write ${rawName}` });
  }
  // `--host --unit x`: the next option was swallowed as the value.
  const swallowed = token.inlineValue !== true && value?.startsWith('-') === true;
  if (value === undefined || value === '' || (swallowed && !/^-\d+$/.test(value))) {
    throw new UsageError({
      what: `${rawName} needs a value`,
      fix: `write ${rawName} ${spec.placeholder ?? 'VALUE'}`,
    });
  }
  if (spec.type === 'number') {
    const { min = 0, max = Number.MAX_SAFE_INTEGER } = spec;
    const number = /^-?\d+$/.test(value) ? Number(value) : NaN;
    if (number >= min && number <= max) return number;
    const allowed = `a whole number from ${min}${spec.max === undefined ? '' : ` to ${max}`}`;
    throw new UsageError({ what: `wrong value of ${rawName}`, value, allowed });
  }
  if (spec.choices && !spec.choices.includes(value)) {
    const near = suggest(value, spec.choices);
    throw new UsageError({
      what: `wrong value of ${rawName}`,
      value,
      allowed: spec.choices,
      fix: near === undefined ? undefined : `did you mean ${rawName} ${near}?`,
    });
  }
  return value;
}

function unknownOption(command: Declaration, rawName: string, known: string[]): UsageError {
  const near = suggest(rawName.replace(/^-+/, ''), known);
  return new UsageError({
    what: 'unknown option',
    value: rawName,
    allowed: known.map((name) => `--${name}`),
    fix:
      near === undefined
        ? command.rest && `write -- before ${command.rest.name} that has options of its own`
        : `did you mean --${near}?`,
  });
}

function readPositionals(
  command: Declaration,
  words: readonly string[],
  after: readonly string[],
): { args: Record<string, string>; rest: readonly string[] } {
  const declared = command.positionals ?? [];
  const args: Record<string, string> = {};
  declared.forEach(({ name, required }, index) => {
    const word = words[index];
    if (word !== undefined) args[name] = word;
    else if (required === true) {
      throw new UsageError({ what: `missing argument`, value: name, fix: usageFix(command) });
    }
  });
  const further = words.slice(declared.length);
  if (!command.rest && further[0] !== undefined) {
    throw new UsageError({
      what: 'superfluous argument',
      value: further[0],
      allowed: declared.length === 0 ? 'only options' : declared.map(({ name }) => name),
      fix: usageFix(command),
    });
  }
  return { args, rest: [...further, ...after] };
}

const usageFix = (command: Declaration): string => `see npm run ${command.name} -- --help`;
const nonEmpty = (text: string | undefined): string | undefined => (text === '' ? undefined : text);
