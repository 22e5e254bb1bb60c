import type * as pulumi from '../pulumi.ts';
import type { Ground } from './network.ts';
import type { SecurityGroups } from './security/groups.ts';
import { aws } from './sdk.ts';
import { type AwsSite, nameOf, planned, tagsOf } from './site.ts';

/** The API within the VPC: in each zone, so that it stays in reach of those that are left. */
export function createEndpoints(
  site: AwsSite,
  { vpcId, subnetIds }: Ground,
  { ids }: SecurityGroups,
): pulumi.Resource[] {
  const { region, vpc } = site.aws;
  if (vpc.endpoints.length === 0) return [];
  const places = zoneNetworks(site).map((name) => planned(subnetIds, name, 'subnet'));
  return vpc.endpoints.map(
    (service) =>
      new aws.ec2.VpcEndpoint(
        nameOf(site, `endpoint-${service}`),
        {
          vpcId,
          serviceName: `com.amazonaws.${region}.${service}`,
          vpcEndpointType: 'Interface',
          privateDnsEnabled: true,
          subnetIds: places,
          securityGroupIds: [planned(ids, 'endpoints', 'security group')],
          tags: tagsOf(site, `endpoint-${service}`),
        },
        site.opts,
      ),
  );
}

/**
 * The networks of the zones, which the plan's flows name: an endpoint has at most one network interface in an
 * availability zone, and another private network may be in the same one.
 */
const zoneNetworks = ({ plan, aws: { subnets } }: AwsSite): string[] =>
  plan.networks
    .filter(({ name, zone }) => {
      return zone !== undefined && planned(subnets, name, 'subnet').reach === 'private';
    })
    .map(({ name }) => name);
