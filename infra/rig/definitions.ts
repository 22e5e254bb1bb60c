import type { EnvironmentPlan } from '../plan/model.ts';
import * as pulumi from '../pulumi.ts';
import { type ChangeGuard, Definitions } from './resources.ts';

/** What the config wants brokers to hold, once `brokers` can take it up. */
export function createDefinitions(
  { stack, clustered, definitions: { items, logins, replace } }: EnvironmentPlan,
  brokers: readonly string[],
  secrets: Readonly<Record<string, pulumi.Output<string>>>,
  { guard, ...opts }: pulumi.CustomResourceOptions & { readonly guard: ChangeGuard },
): Definitions {
  const passwords = Object.fromEntries(
    logins.map(({ user, secret }) => {
      const password = secrets[secret];
      if (password === undefined) throw new Error(`user ${user} has no secret ${secret}`);
      return [user, password];
    }),
  );
  return new Definitions(
    'definitions',
    {
      stack,
      brokers,
      clustered,
      items,
      made: guard.made,
      passwords: pulumi.secret(passwords),
      replace,
    },
    opts,
  );
}
