import type { VolumePlan } from '../plan/model.ts';
import { aws, type ebs, type ec2, type kms } from './sdk.ts';
import { attachedOnce, type AwsSite, keptOf, nameOf, planned, tagsOf } from './site.ts';

/** A volume of the plan, which outlives every instance that it is attached to. */
export interface DataVolume {
  readonly plan: VolumePlan;
  readonly volume: ebs.Volume;
}

/**
 * The volumes of all hosts, by host. A stack that is no test rig keeps them when it is destroyed: the
 * preview of `pulumi destroy` and `npm run down` stop at what is protected, before anything is gone.
 */
export function createVolumes(site: AwsSite, key: kms.Key): Record<string, DataVolume[]> {
  const entries = site.plan.hosts.map((host): [string, DataVolume[]] => {
    const { availabilityZone } = planned(site.aws.subnets, host.network, 'subnet');
    return [
      host.name,
      host.volumes.map((plan) => ({
        plan,
        volume: createVolume(site, key, plan, availabilityZone),
      })),
    ];
  });
  return Object.fromEntries(entries);
}

const createVolume = (
  site: AwsSite,
  key: kms.Key,
  { name, sizeGiB }: VolumePlan,
  availabilityZone: string,
): ebs.Volume =>
  new aws.ebs.Volume(
    nameOf(site, name),
    {
      availabilityZone,
      size: sizeGiB,
      type: 'gp3',
      encrypted: true,
      kmsKeyId: key.arn,
      tags: tagsOf(site, name),
    },
    keptOf(site),
  );

/** First device name that EC2 recommends for data; hosts find a volume by its id, whatever it is called. */
const firstDevice = 'f'.charCodeAt(0);

export const attachVolumes = (
  site: AwsSite,
  instance: ec2.Instance,
  volumes: readonly DataVolume[],
): ec2.VolumeAttachment[] =>
  volumes.map(
    ({ plan, volume }, index) =>
      new aws.ec2.VolumeAttachment(
        nameOf(site, plan.name),
        {
          instanceId: instance.id,
          volumeId: volume.id,
          deviceName: `/dev/sd${String.fromCharCode(firstDevice + index)}`,
          // A file system in use must not be pulled away: the host ends its services first.
          stopInstanceBeforeDetaching: true,
        },
        attachedOnce(site),
      ),
  );
