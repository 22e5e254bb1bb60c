import { type PasswordsInConfig, passwordProblems } from './definitions/passwords.ts';
import { deepMerge, isPlainObject, without } from './merge.ts';
import {
  brokenPaths,
  ConfigError,
  holderOf,
  isAtOrBelow,
  type Issue,
  type Path,
  pathText,
  type Problem,
  problemsOf,
  showValue,
} from './problems.ts';
import { rules } from './rules/index.ts';
import { environmentSchema, type EnvironmentConfig } from './schema.ts';

/**
 * The config of a stack, complete and free of contradictions.
 * @param raw value of `rabbitmq-ha-kit:environment` in the stack file
 * @param override value of `rabbitmq-ha-kit:override`: same shape, deep-merged over it
 * @param passwords how the stack's config holds those that it gives; unlooked at when undefined
 * @throws ConfigError with every problem at once
 */
export function loadEnvironment(
  raw: unknown,
  override: unknown,
  stack: string,
  passwords?: PasswordsInConfig,
): EnvironmentConfig {
  const shape = sectionProblems(raw, override);
  if (shape.length > 0) throw new ConfigError(stack, shape);
  const merged = deepMerge(deepMerge({ domain: defaultDomain(stack) }, raw), override);
  const parsed = environmentSchema.safeParse(merged);
  const contradictionsOf = (config: EnvironmentConfig): Problem[] => [
    ...rules.flatMap((rule) => rule(config)),
    ...(passwords === undefined ? [] : passwordProblems(config.definitions, passwords)),
  ];
  if (!parsed.success) {
    throw new ConfigError(stack, allProblems(merged, parsed.error.issues, stack, contradictionsOf));
  }
  const config = { ...parsed.data, stack };
  const contradictions = contradictionsOf(config);
  if (contradictions.length > 0) throw new ConfigError(stack, contradictions);
  return config;
}

/**
 * What the schema found, and what the rules find in the part that is sound: a person sees both at
 * once. Contradictions with a broken part stay unsaid.
 */
function allProblems(
  merged: unknown,
  issues: readonly Issue[],
  stack: string,
  contradictionsOf: (config: EnvironmentConfig) => readonly Problem[],
): Problem[] {
  const found = issues.flatMap((issue) => problemsOf(issue, merged));
  const { config, broken } = soundPart(merged, issues.flatMap(brokenPaths), stack);
  const texts = broken.map(pathText);
  const touches = (path: string): boolean =>
    texts.some((text) => isAtOrBelow(path, text) || isAtOrBelow(text, path));
  const contradictions = contradictionsOf(config).filter(
    ({ path, related = [] }) => ![path, ...related].some(touches),
  );
  return [...found, ...contradictions];
}

/**
 * The config with defaults in place of what is broken. Where that leaves something incomplete, such
 * as a binding without its source, what holds it counts as broken too, the whole config at worst.
 */
function soundPart(
  merged: unknown,
  broken: readonly Path[],
  stack: string,
): { config: EnvironmentConfig; broken: readonly Path[] } {
  const base = { topology: 'quorum-cluster', domain: defaultDomain(stack) };
  const parsed = environmentSchema.safeParse(deepMerge(base, without(merged, broken)));
  if (parsed.success) return { config: { ...parsed.data, stack }, broken };
  const wider = parsed.error.issues.flatMap(brokenPaths).map(holderOf);
  return soundPart(merged, [...broken, ...wider], stack);
}

/** Pulumi's stack names allow more than DNS does, and a host's full name has at most 64 letters. */
function defaultDomain(stack: string): string {
  const label = stack
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 40);
  return `${label === '' ? 'stack' : label}.internal`;
}

function sectionProblems(raw: unknown, override: unknown): Problem[] {
  const problem = (key: string, value: unknown, fix: string): Problem => ({
    path: `rabbitmq-ha-kit:${key}`,
    what: value === undefined ? 'is missing' : 'is not a section of keys',
    ...(value === undefined ? {} : { value: showValue(value) }),
    allowed: 'a section of keys, at least `topology`',
    fix,
  });
  const found: Problem[] = [];
  if (!isPlainObject(raw)) {
    found.push(problem('environment', raw, 'start from a file under stacks/'));
  }
  if (override !== undefined && !isPlainObject(override)) {
    found.push(problem('override', override, 'pulumi config rm rabbitmq-ha-kit:override'));
  }
  return found;
}
