import type * as pulumi from '../pulumi.ts';
import { aws, type kms } from './sdk.ts';
import { type AwsSite, keptOf, nameOf, tagsOf } from './site.ts';

/**
 * The environment's own key, for its secrets and its disks: with the account's default key every
 * principal of the account that may read parameters could read these. Who loses it loses what is on
 * the disks, so it is protected as they are.
 */
export function createKey(site: AwsSite, dependsOn: readonly pulumi.Resource[]): kms.Key {
  const { plan, aws: settings, opts } = site;
  const key = new aws.kms.Key(
    nameOf(site, 'key'),
    {
      description: `Secrets and disks of the RabbitMQ environment ${plan.stack}`,
      enableKeyRotation: true,
      deletionWindowInDays: settings.testRig ? 7 : 30,
      tags: tagsOf(site, 'key'),
    },
    { ...keptOf(site), dependsOn: [...dependsOn] },
  );
  // For people who look; unlike any other of the account, also one that an interrupted destroy left.
  const name = key.keyId.apply((id) => `alias/${nameOf(site, 'key')}-${id.slice(0, 8)}`);
  new aws.kms.Alias(nameOf(site, 'key'), { name, targetKeyId: key.keyId }, opts);
  return key;
}

/** The parts of an ARN that all ARNs of an environment have in common. */
export interface Place {
  /** `aws`, `aws-cn`, ... */
  readonly partition: string;
  readonly region: string;
  readonly account: string;
}

/** Read from a resource that exists: asking for the account would be one more call and right. */
export const placeOf = (key: kms.Key): pulumi.Output<Place> =>
  key.arn.apply((arn) => {
    const [, partition = '', , region = '', account = ''] = arn.split(':');
    return { partition, region, account };
  });
