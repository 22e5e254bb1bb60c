import type { EnvironmentPlan } from '../plan/model.ts';
import type * as pulumi from '../pulumi.ts';

/** What an environment tells its users, whatever the target. */
export interface EnvironmentOutputs {
  /** `host:port` as seen from where the user is, by access point. */
  readonly addresses: pulumi.Output<Record<string, string>>;
  /** Values of the plan's secrets by name, but for those that the user brings to the target. */
  readonly secrets: Readonly<Record<string, pulumi.Output<string>>>;
}

/** Value of a secret; undefined where the user brings it in a place that the kit does not read. */
export function secretOf(
  { aws }: Pick<EnvironmentPlan, 'aws'>,
  secrets: EnvironmentOutputs['secrets'],
  name: string,
): pulumi.Output<string> | undefined {
  const value = secrets[name];
  if (value === undefined && aws?.parameters[name]?.brought !== true) {
    throw new Error(`the plan has no secret ${name}`);
  }
  return value;
}
