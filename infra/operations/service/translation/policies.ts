import type { Definitions } from '../definitions.ts';

type Keys = Readonly<Record<string, unknown>>;

/** A policy, and an operator policy, whose export is a parameter. */
export interface Policy {
  readonly vhost: string;
  readonly name: string;
  readonly pattern: string;
  readonly 'apply-to': string;
  readonly definition: Keys;
  readonly [field: string]: unknown;
}

/** A policy's new form, or undefined when nothing of it is left. */
export type Rewrite = (policy: Policy, kind: 'policy' | 'operator policy') => Policy | undefined;

/** Rewrites the policies and operator policies of an export. */
export function rewritePolicies(definitions: Definitions, rewrite: Rewrite): Definitions {
  const policies = definitions.policies?.flatMap(
    (policy) => rewrite(policy as unknown as Policy, 'policy') ?? [],
  );
  const parameters = definitions.parameters?.flatMap((parameter) => {
    if (parameter.component !== 'operator_policy') return [parameter];
    const { value, ...rest } = parameter;
    const policy = { ...(value as Omit<Policy, 'name' | 'vhost'>), ...identity(rest) } as Policy;
    const changed = rewrite(policy, 'operator policy');
    if (changed === undefined) return [];
    const body = without(changed, (key) => key === 'name' || key === 'vhost');
    return [{ ...rest, value: body }];
  });
  return {
    ...definitions,
    ...(policies === undefined ? {} : { policies }),
    ...(parameters === undefined ? {} : { parameters }),
  };
}

const identity = ({ name, vhost = '/' }: { readonly name: string; readonly vhost?: string }) => ({
  name,
  vhost,
});

export const nameOf = ({ name, vhost }: { readonly name: string; readonly vhost?: string }) =>
  `${name} in vhost ${vhost ?? '/'}`;

/** Without the keys; the rest in its order. */
export const without = (keys: Keys, gone: (key: string) => boolean): Record<string, unknown> =>
  Object.fromEntries(Object.entries(keys).filter(([key]) => !gone(key)));

/** With keys under their new names, where the value has an equivalent. */
export function renamed(
  keys: Keys,
  from: string,
  to: string,
  values: Readonly<Record<string, string>>,
): Record<string, unknown> {
  const value = keys[from];
  const rest = without(keys, (key) => key === from);
  const equivalent = typeof value === 'string' ? values[value] : undefined;
  return equivalent === undefined ? rest : { ...rest, [to]: equivalent };
}
