/** Judges a call by the policies of a role: as much of IAM as the kit's policies use, and no more. */

export interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Readonly<
    Record<string, Readonly<Record<string, string | readonly string[]>>>
  >;
}

/** One right that a call needs. */
export interface Need {
  readonly action: string;
  readonly resource: string;
  /** Values of condition keys, by their lower-case names. */
  readonly context: Readonly<Record<string, string>>;
}

const listOf = (value: string | readonly string[]): readonly string[] =>
  typeof value === 'string' ? [value] : value;

/** With `*` and `?` as IAM has them. */
export function matches(pattern: string, value: string, caseless = false): boolean {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  const expression = escaped.replaceAll('*', '.*').replaceAll('?', '.');
  return new RegExp(`^${expression}$`, caseless ? 'is' : 's').test(value);
}

type Test = (wanted: readonly string[], found: string | undefined) => boolean;

const anyOf =
  (test: (wanted: string, found: string) => boolean): Test =>
  (wanted, found) =>
    found !== undefined && wanted.some((one) => test(one, found));

/** Another operator in a policy must be taught here first: it is an error, not a refusal. */
const operators: Readonly<Record<string, Test>> = {
  StringEquals: anyOf((wanted, found) => wanted === found),
  StringLike: anyOf((wanted, found) => matches(wanted, found)),
  ArnEquals: anyOf((wanted, found) => matches(wanted, found)),
  ArnLike: anyOf((wanted, found) => matches(wanted, found)),
};

function conditionHolds(condition: Statement['Condition'], need: Need): boolean {
  return Object.entries(condition ?? {}).every(([operator, keys]) => {
    const test = operators[operator];
    if (test === undefined) throw new Error(`the simulated IAM has no operator ${operator}`);
    return Object.entries(keys).every(([key, wanted]) =>
      test(listOf(wanted), need.context[key.toLowerCase()]),
    );
  });
}

const applies = (statement: Statement, need: Need): boolean =>
  listOf(statement.Action).some((action) => matches(action, need.action, true)) &&
  listOf(statement.Resource).some((resource) => matches(resource, need.resource)) &&
  conditionHolds(statement.Condition, need);

/** Whether the statements give the right: one allows it, and none denies it. */
export function allows(statements: readonly Statement[], need: Need): boolean {
  const effects = statements.filter((one) => applies(one, need)).map(({ Effect }) => Effect);
  return effects.includes('Allow') && !effects.includes('Deny');
}
