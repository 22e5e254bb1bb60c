import { type LiveSecret, sinceOf } from '../components/secrets.ts';
import type { Rotation } from '../config/rotation.ts';
import type { EnvironmentPlan, SecretPlan } from '../plan/model.ts';
import * as pulumi from '../pulumi.ts';
import { type Place, placeOf } from './key.ts';
import { aws, type kms } from './sdk.ts';
import { type AwsSite, nameOf, planned, tagsOf } from './site.ts';

/** A parameter that hosts fetch at boot. */
export interface SecretParameter {
  readonly arn: pulumi.Output<string>;
  /** The user's own: under a key that only the user knows. */
  readonly brought: boolean;
  /** Undefined for one that the user brings: nothing of it is in the state. */
  readonly resource: pulumi.Resource | undefined;
}

/**
 * The secrets that hosts read, as SecureStrings under the environment's key.
 * @returns them by secret
 */
export function createParameters(
  site: AwsSite,
  key: kms.Key,
  secrets: Readonly<Record<string, LiveSecret>>,
): Record<string, SecretParameter> {
  const place = placeOf(key);
  const entries = Object.entries(site.aws.parameters).map(
    ([secret, { name, brought }]): [string, SecretParameter] => {
      if (brought) {
        const arn = place.apply((where) => parameterArn(where, name));
        return [secret, { arn, brought, resource: undefined }];
      }
      const { value } = planned(secrets, secret, 'value');
      const resource = createParameter(site, key, { secret, name, value });
      return [secret, { arn: resource.arn, brought, resource }];
    },
  );
  return Object.fromEntries(entries);
}

/**
 * Versions of the secrets that hosts read. Nobody knows when a parameter that the user brings has another
 * value: `npm run rotate` of its kind says that it has.
 */
export const versionsOf = (
  { secrets: plans, aws: settings }: Pick<EnvironmentPlan, 'secrets' | 'aws'>,
  made: Readonly<Record<string, LiveSecret>>,
  rotation: Rotation,
): Record<string, pulumi.Input<string>> =>
  Object.fromEntries(
    plans
      .filter(({ name }) => settings?.parameters[name] !== undefined)
      .map((plan) => [plan.name, made[plan.name]?.version ?? rotatedAt(plan, rotation) ?? '']),
  );

const rotatedAt = (plan: SecretPlan, rotation: Rotation): string | undefined =>
  plan.kind === 'password' || plan.kind === 'erlang-cookie'
    ? sinceOf(plan, rotation)
    : rotation.certificates;

const createParameter = (
  site: AwsSite,
  key: kms.Key,
  { secret, name, value }: { secret: string; name: string; value: pulumi.Output<string> },
) =>
  new aws.ssm.Parameter(
    nameOf(site, secret),
    {
      name,
      type: 'SecureString',
      // Certificates that are to be trusted are no secret, but come the same way.
      value: pulumi.secret(value),
      keyId: key.arn,
      // A chain of certificates may be longer than the 4 KB of the standard tier.
      tier: 'Intelligent-Tiering',
      tags: tagsOf(site, secret),
    },
    site.opts,
  );

const parameterArn = ({ partition, region, account }: Place, name: string): string =>
  `arn:${partition}:ssm:${region}:${account}:parameter${name}`;
