import { SshKey } from '../components/secret-resources.ts';
import type * as pulumi from '../pulumi.ts';
import type { Ground } from './network.ts';
import type { SecurityGroups } from './security/groups.ts';
import { aws, type ec2 } from './sdk.ts';
import { type AwsSite, nameOf, planned, tagsOf } from './site.ts';

/** How people and the kit get a shell on a host; no port is open to any network. */
export interface Access {
  /** Undefined where no host takes a key. */
  readonly keyPair: ec2.KeyPair | undefined;
  /** OpenSSH form, a Pulumi secret; undefined where the user holds it. */
  readonly privateKey: pulumi.Output<string> | undefined;
}

export function createAccess(site: AwsSite, ground: Ground, groups: SecurityGroups): Access {
  const { method, network } = site.aws.access;
  if (method === 'none') return { keyPair: undefined, privateKey: undefined };
  if (network !== undefined) createEndpoint(site, ground, groups, network);
  return createKeyPair(site);
}

/** A way in that stands in the VPC and asks IAM who comes. */
function createEndpoint(
  site: AwsSite,
  { subnetIds }: Ground,
  { ids }: SecurityGroups,
  network: string,
): void {
  new aws.ec2transitgateway.InstanceConnectEndpoint(
    nameOf(site, 'operators'),
    {
      subnetId: planned(subnetIds, network, 'subnet'),
      securityGroupIds: [planned(ids, 'operators', 'security group')],
      preserveClientIp: false,
      tags: tagsOf(site, 'operators'),
    },
    site.opts,
  );
}

/** Hosts boot with its public half; the user's own, or one whose private half is in the state, encrypted. */
function createKeyPair(site: AwsSite): Access {
  const { publicKey } = site.aws.access;
  const made =
    publicKey === undefined
      ? new SshKey(nameOf(site, 'operators'), { comment: site.plan.stack }, { parent: site.parent })
      : undefined;
  const keyPair = new aws.ec2.KeyPair(
    nameOf(site, 'operators'),
    { publicKey: publicKey ?? made?.publicKey ?? '', tags: tagsOf(site, 'operators') },
    site.opts,
  );
  return { keyPair, privateKey: made?.privateKey };
}
