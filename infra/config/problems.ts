import type { z } from 'zod';
import { UserError } from '../errors.ts';
import { suggest } from '../suggest.ts';
import { adviceOn } from './definitions/advice.ts';
import { keysAt, placesOf } from './schema-keys.ts';

/** One thing wrong with a config. */
export interface Problem {
  /** Where, e.g. `quorumCluster.brokers`. */
  readonly path: string;
  /** One clause, e.g. `is an even number`. */
  readonly what: string;
  /** The value as given; undefined where showing it might show a secret. */
  readonly value?: string | undefined;
  readonly allowed: string;
  readonly fix: string;
  /** Other paths that the problem depends on. */
  readonly related?: readonly string[];
}

/** Everything wrong with one stack's config, in one answer. */
export class ConfigError extends UserError {
  override readonly name = 'ConfigError';
  readonly problems: readonly Problem[];

  /** @param subject what has them, where there is no stack yet */
  constructor(
    stack: string,
    problems: readonly Problem[],
    subject = `the config of stack ${stack}`,
  ) {
    const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`;
    super({ what: [`${subject} has ${count}`, ...problems.map(show)].join('\n') });
    this.problems = problems;
  }
}

const show = ({ path, what, value, allowed, fix }: Problem): string =>
  [
    `  ${path === '' ? '(whole config)' : path} ${what}`,
    ...(value === undefined ? [] : [`    given:   ${value}`]),
    `    allowed: ${allowed}`,
    `    fix:     ${fix}`,
  ].join('\n');

export type Issue = z.core.$ZodIssue;
export type Path = readonly PropertyKey[];

/** `a.b[0].c` */
export const pathText = (path: Path): string =>
  path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');

/** Of two paths as text: whether one is the other, or inside it. */
export const isAtOrBelow = (path: string, above: string): boolean =>
  above === '' || path === above || path.startsWith(`${above}.`) || path.startsWith(`${above}[`);

/** Paths of the raw config that an issue makes unusable. */
export const brokenPaths = (issue: Issue): Path[] =>
  issue.code === 'unrecognized_keys'
    ? issue.keys.flatMap((key) => {
        // What was misspelt is not set either: its default says nothing about the config.
        const meant = suggest(key, keysAt(issue.path));
        return [key, ...(meant === undefined ? [] : [meant])].map((name) => [...issue.path, name]);
      })
    : [removable(issue.path)];

/** What holds the value at a path. */
export const holderOf = (path: Path): Path => removable(path.slice(0, -1));

/** A list goes as a whole: without one of its entries the others would have other places. */
const removable = (path: Path): Path =>
  typeof path.at(-1) === 'number' ? path.slice(0, -1) : path;

/** What people are told about one issue of the schema. */
export function problemsOf(issue: Issue, raw: unknown): Problem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => unknownKey([...issue.path, key]));
  }
  const given = valueAt(raw, issue.path);
  const { what, allowed, fix } = explain(issue, given);
  const path = pathText(issue.path);
  const missing = given === undefined;
  return [
    {
      path,
      what: missing ? 'is missing' : what,
      ...(missing ? {} : { value: shown(issue.path, given) }),
      allowed,
      fix: fix ?? (missing ? `set ${path} in the stack file` : `change ${path} in the stack file`),
    },
  ];
}

interface Explanation {
  readonly what: string;
  readonly allowed: string;
  readonly fix?: string | undefined;
}

function explain(issue: Issue, given: unknown): Explanation {
  switch (issue.code) {
    case 'invalid_type':
      return { what: 'is of the wrong type', allowed: typeText(issue, given) };
    case 'invalid_value': {
      const values = issue.values.map(String);
      const near = typeof given === 'string' ? suggest(given, values) : undefined;
      const fix = near === undefined ? undefined : `did you mean ${near}?`;
      return { what: 'is not a known value', allowed: values.join(', '), fix };
    }
    case 'too_small':
      return { what: 'is too small', allowed: `at least ${String(issue.minimum)}${unit(issue)}` };
    case 'too_big':
      return { what: 'is too large', allowed: `at most ${String(issue.maximum)}${unit(issue)}` };
    case 'custom': {
      const params = issue.params ?? {};
      const fix: unknown = params['fix'];
      return {
        what: issue.message,
        allowed: String(params['allowed']),
        fix: typeof fix === 'string' ? fix : undefined,
      };
    }
    default:
      return { what: 'is not valid', allowed: issue.message };
  }
}

const unit = ({ origin }: { readonly origin: string }): string =>
  origin === 'array' ? ' entries' : '';

const typeNames: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a section of keys',
  record: 'a section of keys',
  string: 'text',
};

function typeText(issue: z.core.$ZodIssueInvalidType, given: unknown): string {
  const name = typeNames[issue.expected] ?? issue.expected;
  return issue.expected === 'object' && given !== undefined
    ? `${name}: ${keysAt(issue.path).join(', ')}`
    : name;
}

/** A key that may hold a secret: its value is never repeated. */
export const secretKey = /passw|secret|token|cookie|credential/i;

export const showValue = (given: unknown): string =>
  JSON.stringify(given, (key, value: unknown) =>
    secretKey.test(key) || isPrivateKey(value) ? '(hidden)' : value,
  );

/** A key that was pasted where its file was asked for. */
const isPrivateKey = (value: unknown): boolean =>
  typeof value === 'string' && /PRIVATE KEY-----/.test(value);

/** Fields whose names only sound like one. */
const plainFields = ['drbdPacemaker.token'];

/** Text at such a key is what someone took for the place of a password. */
const shown = (path: Path, given: unknown): string =>
  typeof given !== 'boolean' &&
  secretKey.test(String(path.at(-1))) &&
  !plainFields.includes(path.join('.'))
    ? '(hidden)'
    : showValue(given);

function unknownKey(path: Path): Problem {
  const key = String(path.at(-1));
  const advice = path[0] === 'definitions' ? adviceOn(key) : undefined;
  const keys = keysAt(path.slice(0, -1));
  const near = suggest(key, keys);
  const remove = `remove ${pathText(path)}`;
  const misplaced = near === undefined ? placesOf(key) : [];
  const fix = advice
    ? `${remove}: ${advice}`
    : secretKey.test(key)
      ? `${remove}: passwords and the cookie are generated, and no field takes one`
      : near !== undefined
        ? `did you mean ${near}?`
        : misplaced.length > 0
          ? `move it to ${misplaced.join(' or ')}`
          : remove;
  return { path: pathText(path), what: 'is not a known key', allowed: keys.join(', '), fix };
}

function valueAt(raw: unknown, path: Path): unknown {
  let value = raw;
  for (const part of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Readonly<Record<PropertyKey, unknown>>)[part];
  }
  return value;
}
