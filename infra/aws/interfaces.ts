import type * as pulumi from '../pulumi.ts';
import type { Ground } from './network.ts';
import type { SecurityGroups } from './security/groups.ts';
import { aws, type ec2 } from './sdk.ts';
import { type AwsSite, nameOf, planned, tagsOf } from './site.ts';

/**
 * A network interface a host, by host: with the address of the plan, which its instances take over one from
 * the other.
 * @param before what may be with an interface while it is there
 */
export const createInterfaces = (
  site: AwsSite,
  { subnetIds }: Ground,
  { ids }: SecurityGroups,
  before: readonly pulumi.Resource[],
): Record<string, ec2.NetworkInterface> =>
  Object.fromEntries(
    site.plan.hosts.map(({ name, network, address, roles }) => [
      name,
      new aws.ec2.NetworkInterface(
        nameOf(site, name),
        {
          subnetId: planned(subnetIds, network, 'subnet'),
          privateIps: [address],
          securityGroups: roles.map((role) => planned(ids, role, 'security group')),
          sourceDestCheck: planned(site.aws.hosts, name, 'instance').sourceDestCheck,
          description: `${name} of ${site.plan.stack}`,
          tags: tagsOf(site, name),
        },
        {
          ...site.opts,
          ...(moves(site, name) ? { ignoreChanges: ['privateIps'] } : {}),
          dependsOn: [...before],
        },
      ),
    ]),
  );

/** Fail-over gives and takes a second address of these, which is not Pulumi's to take back. */
const moves = ({ aws: { virtualAddresses } }: AwsSite, host: string): boolean =>
  virtualAddresses.some(
    ({ mechanism, holders }) => mechanism === 'secondary-ip' && holders.includes(host),
  );
