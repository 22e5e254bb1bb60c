import { SshKey } from '../components/secret-resources.ts';
import type { EnvironmentPlan } from '../plan/model.ts';
import type * as pulumi from '../pulumi.ts';
import type { Ground } from './network.ts';
import type { SecurityGroups } from './security/groups.ts';
import { aws, type ec2 } from './sdk.ts';
import { type AwsSite, nameOf, planned, tagsOf } from './site.ts';

/** How people and the kit get a shell on a host; no port is open to any network. */
export interface OperatorKey {
  /** Undefined where no host takes a key. */
  readonly publicKey: pulumi.Input<string> | undefined;
  /** OpenSSH form, a Pulumi secret; undefined where the user holds it. */
  readonly privateKey: pulumi.Output<string> | undefined;
}

/** The operators' key: the user's own, or one that is made, with its private half encrypted in the state. */
export function createOperatorKey(plan: EnvironmentPlan, parent: pulumi.Resource): OperatorKey {
  const { method, publicKey } = plan.aws?.access ?? { method: 'none', publicKey: undefined };
  if (method === 'none' || publicKey !== undefined) return { publicKey, privateKey: undefined };
  return new SshKey(nameOf({ plan }, 'operators'), { comment: plan.stack }, { parent });
}

/** What stands at the hosts' end of the way. */
export interface Access {
  /** What hosts boot with; undefined where no host takes a key. */
  readonly keyPair: ec2.KeyPair | undefined;
  /** Without them nobody gets in: they come before hosts, and go after them. */
  readonly doors: readonly pulumi.Resource[];
}

export function createAccess(
  site: AwsSite,
  ground: Ground,
  groups: SecurityGroups,
  { publicKey }: OperatorKey,
): Access {
  const { method, network } = site.aws.access;
  if (method === 'none' || publicKey === undefined) return { keyPair: undefined, doors: [] };
  const doors = network === undefined ? [] : [createEndpoint(site, ground, groups, network)];
  const keyPair = new aws.ec2.KeyPair(
    nameOf(site, 'operators'),
    { publicKey, tags: tagsOf(site, 'operators') },
    site.opts,
  );
  return { keyPair, doors };
}

/** A way in that stands in the VPC and asks IAM who comes. */
function createEndpoint(
  site: AwsSite,
  { subnetIds }: Ground,
  { ids }: SecurityGroups,
  network: string,
): pulumi.Resource {
  return new aws.ec2transitgateway.InstanceConnectEndpoint(
    nameOf(site, 'operators'),
    {
      subnetId: planned(subnetIds, network, 'subnet'),
      securityGroupIds: [planned(ids, 'operators', 'security group')],
      preserveClientIp: false,
      tags: tagsOf(site, 'operators'),
    },
    // A VPC has room for one.
    { ...site.opts, deleteBeforeReplace: true },
  );
}
