import { instanceTags as factTag } from '../plan/aws/tags.ts';
import * as pulumi from '../pulumi.ts';
import type { Place } from './key.ts';
import type { Ground } from './network.ts';
import { addressStatements, type Statement } from './rights/documents.ts';
import { aws, type ec2 } from './sdk.ts';
import { type AwsSite, nameOf, planned, tagsOf } from './site.ts';

/** What moves between its holders when one of them fails. */
export interface VirtualAddress {
  readonly holders: readonly string[];
  /** By which holders know what to move; see plan/aws/tags.ts. */
  readonly tags: Readonly<Record<string, pulumi.Input<string>>>;
  /** What a holder with this network interface may do to take it. */
  statements(own: ec2.NetworkInterface, place: Place): pulumi.Output<Statement[]>;
  /** Undefined where the address is the plan's. */
  readonly publicAddress: pulumi.Output<string> | undefined;
}

/**
 * A public address, which can be with any network interface: undefined for other mechanisms. It is tied to
 * none here, as a move gives that tie another id, by which a refresh would take it for gone. The first that
 * holds the virtual address takes it. So it comes before the interfaces and goes after them: AWS releases
 * none that is with one, and takes no gateway from a VPC that has one.
 */
export function createElasticAddress(site: AwsSite, { ways }: Ground): ec2.Eip | undefined {
  if (site.aws.virtualAddress?.mechanism !== 'elastic-ip') return undefined;
  return new aws.ec2.Eip(
    nameOf(site, 'vip'),
    { domain: 'vpc', tags: tagsOf(site, 'vip') },
    { ...site.opts, dependsOn: [...ways] },
  );
}

/**
 * Leads the address to its first holder. From then on Keepalived moves it, and Pulumi leaves it where it
 * is: `up` after a fail-over changes nothing.
 * @param elastic that of the mechanism of this name
 */
export function createVirtualAddress(
  site: AwsSite,
  ground: Ground,
  interfaces: Readonly<Record<string, ec2.NetworkInterface>>,
  elastic: ec2.Eip | undefined,
): VirtualAddress | undefined {
  const { virtualAddress } = site.aws;
  if (virtualAddress === undefined) return undefined;
  const { mechanism, address, holders } = virtualAddress;
  const [first = ''] = holders;
  const holder = planned(interfaces, first, 'network interface');
  switch (mechanism) {
    case 'overlay':
      if (address === undefined) throw new Error('an overlay address has to be planned');
      return overlay(site, ground, { address, holder, holders });
    case 'secondary-ip':
      return {
        holders,
        tags: {},
        publicAddress: undefined,
        statements: ({ arn }) =>
          arn.apply((interfaceArn) => addressStatements({ mechanism, interfaceArn })),
      };
    case 'elastic-ip':
      if (elastic === undefined) throw new Error('an Elastic IP comes before the interfaces');
      return publicAddress(elastic, holders);
  }
}

/** A route to a host in every table: across subnets and zones, where no address can move. */
function overlay(
  site: AwsSite,
  { routeTables }: Ground,
  {
    address,
    holder,
    holders,
  }: { address: string; holder: ec2.NetworkInterface; holders: readonly string[] },
): VirtualAddress {
  const tables = Object.entries(routeTables);
  for (const [name, { id }] of tables) {
    new aws.ec2.Route(
      nameOf(site, `${name}-vip`),
      {
        routeTableId: id,
        destinationCidrBlock: `${address}/32`,
        networkInterfaceId: holder.id,
      },
      { ...site.opts, ignoreChanges: ['networkInterfaceId'] },
    );
  }
  const ids = pulumi.all(tables.map(([, { id }]) => id));
  return {
    holders,
    tags: { [factTag.routeTables]: ids.apply((all) => all.join(' ')) },
    publicAddress: undefined,
    statements: (_own, place) =>
      pulumi.all(tables.map(([, { id, arn }]) => pulumi.all([id, arn]))).apply((all) =>
        addressStatements({
          mechanism: 'overlay',
          routeTables: all.map(([id, arn]) => arn ?? routeTableArn(place, id)),
        }),
      ),
  };
}

const routeTableArn = ({ partition, region, account }: Place, id: string): string =>
  `arn:${partition}:ec2:${region}:${account}:route-table/${id}`;

const publicAddress = (address: ec2.Eip, holders: readonly string[]): VirtualAddress => ({
  holders,
  tags: { [factTag.addressAllocation]: address.id },
  publicAddress: address.publicIp,
  statements: ({ arn }) =>
    pulumi
      .all([address.arn, arn])
      .apply(([addressArn, interfaceArn]) =>
        addressStatements({ mechanism: 'elastic-ip', addressArn, interfaceArn }),
      ),
});
