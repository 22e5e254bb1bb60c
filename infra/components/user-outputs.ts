import * as pulumi from '../pulumi.ts';
import { placeOf } from '../definitions/items.ts';
import type { EnvironmentPlan } from '../plan/model.ts';
import { secretOf } from './outputs.ts';
import { type ServerOutput, withLogin } from './endpoint-outputs.ts';

/** How a user of the config's definitions connects. */
export interface UserOutput {
  /** Undefined where the user brings it in a place that the kit does not read. */
  readonly password: string | undefined;
  /** By vhost that it has permissions in: a URI for each server that is to get connections. */
  readonly amqpUris: Readonly<Record<string, readonly string[]>>;
}

/** By user; secret where the config defines one. */
export function userOutputs(
  plan: EnvironmentPlan,
  servers: pulumi.Output<readonly ServerOutput[]>,
  secrets: Readonly<Record<string, pulumi.Output<string>>>,
): pulumi.Output<Record<string, UserOutput>> {
  const { items, logins } = plan.definitions;
  const permissions = Object.keys(items)
    .map(placeOf)
    .filter(({ kind }) => kind === 'permissions');
  const outputs = logins.map(({ user, secret }) => {
    const password = secretOf(plan, secrets, secret);
    const vhosts = permissions.filter(({ name }) => name === user).map(({ vhost = '' }) => vhost);
    return pulumi.all([servers, password]).apply(([at, value]): [string, UserOutput] => {
      const urisFor = (vhost: string) =>
        at
          .filter(({ weight }) => weight > 0)
          .map(({ url }) =>
            withLogin(`${url}/${encodeURIComponent(vhost)}`, { login: { user } }, value),
          );
      const amqpUris = Object.fromEntries(vhosts.map((vhost) => [vhost, urisFor(vhost)]));
      return [user, { password: value, amqpUris }];
    });
  });
  const users = pulumi.all(outputs).apply((entries) => Object.fromEntries(entries));
  return logins.length === 0 ? users : pulumi.secret(users);
}
