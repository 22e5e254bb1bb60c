import type { AwsVirtualAddress } from '../plan/aws.ts';
import { instanceTags as factTag } from '../plan/aws/tags.ts';
import type { HostPlan } from '../plan/model.ts';
import * as pulumi from '../pulumi.ts';
import type { Place } from './key.ts';
import type { Ground } from './network.ts';
import { addressStatements, type Statement } from './rights/documents.ts';
import { aws, type ec2 } from './sdk.ts';
import { type AwsSite, nameOf, planned, tagsOf } from './site.ts';

/** What moves between its holders when one of them fails. */
export interface VirtualAddress {
  readonly holders: readonly string[];
  /** By which a holder with this network interface knows what to move; see plan/aws/tags.ts. */
  tags(own: ec2.NetworkInterface): Readonly<Record<string, pulumi.Input<string>>>;
  /** What a holder with this network interface may do to take it. */
  statements(own: ec2.NetworkInterface, place: Place): pulumi.Output<Statement[]>;
}

/** The one that a host may hold; undefined for hosts that hold none. */
export const heldBy = (
  addresses: readonly VirtualAddress[],
  { name }: Pick<HostPlan, 'name'>,
): VirtualAddress | undefined => addresses.find(({ holders }) => holders.includes(name));

/**
 * A public address, which can be with any network interface: undefined for other mechanisms. It is tied to
 * none here, as a move gives that tie another id, by which a refresh would take it for gone. The first that
 * holds the virtual address takes it. So it comes before the interfaces and goes after them: AWS releases
 * none that is with one, and takes no gateway from a VPC that has one.
 */
export function createElasticAddress(site: AwsSite, { ways }: Ground): ec2.Eip | undefined {
  if (!site.aws.virtualAddresses.some(({ mechanism }) => mechanism === 'elastic-ip')) {
    return undefined;
  }
  return new aws.ec2.Eip(
    nameOf(site, 'vip'),
    { domain: 'vpc', tags: tagsOf(site, 'vip') },
    { ...site.opts, dependsOn: [...ways] },
  );
}

/**
 * Leads each address to its first holder. From then on Keepalived or Pacemaker moves it, and Pulumi leaves
 * it where it is: `up` after a fail-over changes nothing.
 * @param elastic that of the mechanism of this name
 */
export const createVirtualAddresses = (
  site: AwsSite,
  ground: Ground,
  interfaces: Readonly<Record<string, ec2.NetworkInterface>>,
  elastic: ec2.Eip | undefined,
): VirtualAddress[] =>
  site.aws.virtualAddresses.map((moving): VirtualAddress => {
    const { mechanism, holders } = moving;
    switch (mechanism) {
      case 'overlay':
        return overlay(site, ground, moving, interfaces);
      case 'secondary-ip':
        return secondary(moving);
      case 'elastic-ip':
        if (elastic === undefined) throw new Error('an Elastic IP comes before the interfaces');
        return publicAddress(elastic, holders);
    }
  });

/** A route to a host in every table: across subnets and zones, where no address can move. */
function overlay(
  site: AwsSite,
  { routeTables }: Ground,
  { name, address, holders, movedBy }: AwsVirtualAddress,
  interfaces: Readonly<Record<string, ec2.NetworkInterface>>,
): VirtualAddress {
  if (address === undefined) throw new Error('an overlay address has to be planned');
  const holder = planned(interfaces, holders[0] ?? '', 'network interface');
  const tables = Object.entries(routeTables);
  for (const [table, { id }] of tables) {
    new aws.ec2.Route(
      nameOf(site, `${table}-${name}`),
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
    tags: (own) => ({
      ...moverTags(movedBy, own),
      [factTag.routeTables]: ids.apply((all) => all.join(' ')),
    }),
    statements: (_own, place) =>
      pulumi.all(tables.map(([, { id, arn }]) => pulumi.all([id, arn]))).apply((all) =>
        addressStatements({
          mechanism: 'overlay',
          routeTables: all.map(([id, arn]) => arn ?? routeTableArn(place, id)),
        }),
      ),
  };
}

/** The agents of a cluster ask for their own interface themselves. */
const moverTags = (
  movedBy: AwsVirtualAddress['movedBy'],
  { id }: ec2.NetworkInterface,
): Record<string, pulumi.Input<string>> =>
  movedBy === 'keepalived' ? { [factTag.interface]: id } : {};

const routeTableArn = ({ partition, region, account }: Place, id: string): string =>
  `arn:${partition}:ec2:${region}:${account}:route-table/${id}`;

const secondary = ({ holders, movedBy }: AwsVirtualAddress): VirtualAddress => ({
  holders,
  tags: (own) => moverTags(movedBy, own),
  statements: ({ arn }) =>
    arn.apply((interfaceArn) =>
      addressStatements({ mechanism: 'secondary-ip', interfaceArn, movedBy }),
    ),
});

const publicAddress = (address: ec2.Eip, holders: readonly string[]): VirtualAddress => ({
  holders,
  tags: (own) => ({ ...moverTags('keepalived', own), [factTag.addressAllocation]: address.id }),
  statements: ({ arn }) =>
    pulumi
      .all([address.arn, arn])
      .apply(([addressArn, interfaceArn]) =>
        addressStatements({ mechanism: 'elastic-ip', addressArn, interfaceArn }),
      ),
});
