import type { ChannelDescription } from '../channels/description.ts';
import type { EnvironmentPlan } from '../plan/model.ts';
import * as pulumi from '../pulumi.ts';
import { brokersOf } from './live-service.ts';
import { secretOf } from './outputs.ts';
import { type ChangeGuard, Definitions } from './live-resources.ts';

interface DefinitionsOptions extends pulumi.CustomResourceOptions {
  readonly guard: ChangeGuard;
  readonly name?: string;
  readonly channel?: pulumi.Input<ChannelDescription>;
}

/** What the config wants brokers to hold, once they can take it up. */
export function createDefinitions(
  plan: EnvironmentPlan,
  secrets: Readonly<Record<string, pulumi.Output<string>>>,
  { guard, name = 'definitions', channel, ...opts }: DefinitionsOptions,
): Definitions {
  const { stack } = plan;
  const clustered = plan.clustered || plan.oneBroker;
  const { items, logins, replace } = plan.definitions;
  const passwords: Record<string, pulumi.Output<string>> = {};
  const parameters: Record<string, string> = {};
  for (const { user, secret } of logins) {
    const brought = plan.aws?.parameters[secret];
    const password = secretOf(plan, secrets, secret);
    if (password !== undefined) passwords[user] = password;
    else if (brought !== undefined) parameters[user] = brought.name;
  }
  return new Definitions(
    name,
    {
      stack,
      ...(channel === undefined ? {} : { channel }),
      brokers: brokersOf(plan),
      clustered,
      items,
      made: guard.made,
      passwords: pulumi.secret(passwords),
      ...(Object.keys(parameters).length === 0 ? {} : { parameters }),
      replace,
    },
    opts,
  );
}
