import type { NameRecord } from '../plan/aws.ts';
import type { Ground } from './network.ts';
import type * as pulumi from '../pulumi.ts';
import { aws, type ec2, type lb, type route53 } from './sdk.ts';
import { type AwsSite, nameOf, planned, tagsOf } from './site.ts';

/** Seconds for which an answer is kept; addresses are fixed. */
const ttl = 60;

/** The private zone that Erlang's long names and clients' names are in. */
export const createZone = (site: AwsSite, { vpcId }: Ground): route53.Zone =>
  new aws.route53.Zone(
    nameOf(site, 'names'),
    {
      name: site.plan.domain,
      comment: `RabbitMQ environment ${site.plan.stack}`,
      vpcs: [{ vpcId }],
      tags: tagsOf(site, 'names'),
    },
    site.opts,
  );

/** Records that hosts need when they boot: those of fixed addresses. */
export const createHostRecords = (site: AwsSite, zone: route53.Zone): pulumi.Resource[] =>
  site.aws.names.flatMap(({ name, to }) =>
    to.kind === 'address' ? [createRecord(site, zone, name, [to.address])] : [],
  );

/** Records of what exists only after hosts, or through AWS alone. */
export function createFrontRecords(
  site: AwsSite,
  zone: route53.Zone,
  balancers: Readonly<Record<string, lb.LoadBalancer>>,
  elastic: ec2.Eip | undefined,
): void {
  for (const { name, to } of site.aws.names) {
    if (to.kind === 'load-balancer') createAlias(site, zone, name, balancers, to);
    if (to.kind === 'elastic-address') {
      if (elastic === undefined) throw new Error(`${name} has no address`);
      createRecord(site, zone, name, [elastic.publicIp]);
    }
  }
}

const createRecord = (
  site: AwsSite,
  zone: route53.Zone,
  name: string,
  records: pulumi.Input<string>[],
): route53.Record =>
  new aws.route53.Record(
    nameOf(site, name),
    { zoneId: zone.zoneId, name, type: 'A', ttl, records },
    site.opts,
  );

function createAlias(
  site: AwsSite,
  zone: route53.Zone,
  name: string,
  balancers: Readonly<Record<string, lb.LoadBalancer>>,
  to: Extract<NameRecord['to'], { kind: 'load-balancer' }>,
): void {
  const balancer = planned(balancers, to.name, 'load balancer');
  new aws.route53.Record(
    nameOf(site, name),
    {
      zoneId: zone.zoneId,
      name,
      type: 'A',
      aliases: [{ name: balancer.dnsName, zoneId: balancer.zoneId, evaluateTargetHealth: false }],
    },
    site.opts,
  );
}
