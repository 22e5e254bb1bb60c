import type { NetworkPlan } from '../plan/model.ts';
import type * as pulumi from '../pulumi.ts';
import { aws, type ec2 } from './sdk.ts';
import { type AwsSite, nameOf, planned, tagsOf } from './site.ts';

/** The environment's part of a VPC. */
export interface Ground {
  readonly vpcId: pulumi.Input<string>;
  /** By network of the plan. */
  readonly subnetIds: Readonly<Record<string, pulumi.Input<string>>>;
  /** Tables of the subnets whose hosts are to reach an overlay address, by a name of theirs. */
  readonly routeTables: Readonly<Record<string, RouteTable>>;
  /** What hosts need to be there when they boot: the way out. */
  readonly ways: readonly pulumi.Resource[];
}

export interface RouteTable {
  readonly id: pulumi.Input<string>;
  /** Undefined for a user's own, which is known by its id alone. */
  readonly arn: pulumi.Output<string> | undefined;
}

/** A VPC with its subnets, or the user's own by their ids. */
export function createGround(site: AwsSite): Ground {
  const { own } = site.aws.vpc;
  if (own === undefined) return makeGround(site);
  const subnetIds = site.plan.networks.map(({ name }) => {
    const { id } = planned(site.aws.subnets, name, 'subnet');
    if (id === undefined) throw new Error(`network ${name} has no subnet in ${own.id}`);
    return [name, id] as const;
  });
  return {
    vpcId: own.id,
    subnetIds: Object.fromEntries(subnetIds),
    routeTables: Object.fromEntries(own.routeTables.map((id) => [id, { id, arn: undefined }])),
    ways: [],
  };
}

interface Net {
  readonly network: NetworkPlan;
  readonly reach: 'private' | 'public';
  readonly subnet: ec2.Subnet;
  readonly table: Table;
}

interface Table {
  readonly name: string;
  readonly resource: ec2.RouteTable;
}

function makeGround(site: AwsSite): Ground {
  const vpc = new aws.ec2.Vpc(
    nameOf(site, 'vpc'),
    {
      cidrBlock: site.aws.vpc.cidr,
      enableDnsHostnames: true,
      enableDnsSupport: true,
      tags: tagsOf(site, 'vpc'),
    },
    site.opts,
  );
  const tables = createTables(site, vpc);
  const nets = site.plan.networks.map((network) =>
    createNet(site, vpc, { network, table: planned(tables, tableOf(site, network), 'table') }),
  );
  return {
    vpcId: vpc.id,
    subnetIds: Object.fromEntries(nets.map(({ network, subnet }) => [network.name, subnet.id])),
    routeTables: Object.fromEntries(
      nets
        .filter(({ reach }) => reach === 'private')
        .map(({ table }) => [table.name, table.resource]),
    ),
    ways: [...createWays(site, vpc, nets)],
  };
}

/**
 * The table of a subnet. Where private subnets have one way out they have one table in common: an
 * overlay address then moves with one call, for all zones at once.
 */
function tableOf({ aws: { nat, subnets } }: AwsSite, { name }: NetworkPlan): string {
  if (planned(subnets, name, 'subnet').reach === 'public') return 'public';
  return nat === 'per-zone' ? name : 'private';
}

function createTables(site: AwsSite, vpc: ec2.Vpc): Readonly<Record<string, Table>> {
  const names = new Set(site.plan.networks.map((network) => tableOf(site, network)));
  const create = (name: string): ec2.RouteTable =>
    new aws.ec2.RouteTable(
      nameOf(site, name),
      { vpcId: vpc.id, tags: tagsOf(site, name) },
      site.opts,
    );
  return Object.fromEntries([...names].map((name) => [name, { name, resource: create(name) }]));
}

function createNet(
  site: AwsSite,
  vpc: ec2.Vpc,
  { network, table }: Pick<Net, 'network' | 'table'>,
): Net {
  const { name } = network;
  const { availabilityZone, reach } = planned(site.aws.subnets, name, 'subnet');
  const subnet = new aws.ec2.Subnet(
    nameOf(site, name),
    {
      vpcId: vpc.id,
      cidrBlock: network.cidr,
      availabilityZone,
      mapPublicIpOnLaunch: false,
      tags: tagsOf(site, name),
    },
    site.opts,
  );
  new aws.ec2.RouteTableAssociation(
    nameOf(site, name),
    { subnetId: subnet.id, routeTableId: table.resource.id },
    site.opts,
  );
  return { network, reach, subnet, table };
}

const anywhere = '0.0.0.0/0';

/** The default routes: of public subnets over an internet gateway, of private ones over NAT. */
function* createWays(site: AwsSite, vpc: ec2.Vpc, nets: readonly Net[]): Iterable<ec2.Route> {
  const publicNets = nets.filter(({ reach }) => reach === 'public');
  if (publicNets.length === 0) return;
  const gateway = new aws.ec2.InternetGateway(
    nameOf(site, 'internet'),
    { vpcId: vpc.id, tags: tagsOf(site, 'internet') },
    site.opts,
  );
  const route = ({ table }: Net, target: Partial<ec2.RouteArgs>): ec2.Route =>
    new aws.ec2.Route(
      nameOf(site, `${table.name}-out`),
      { routeTableId: table.resource.id, destinationCidrBlock: anywhere, ...target },
      site.opts,
    );
  const ways = ofEachTable(publicNets).map((net) => route(net, { gatewayId: gateway.id }));
  yield* ways;
  const nats = createNats(site, publicNets, ways);
  const [first] = nats.values();
  if (first === undefined) return;
  for (const net of ofEachTable(nets.filter(({ reach }) => reach === 'private'))) {
    const nat = nats.get(net.network.zone) ?? first;
    yield route(net, { natGatewayId: nat.id });
  }
}

/** One net of each table, the first. */
const ofEachTable = (nets: readonly Net[]): Net[] =>
  nets.filter(({ table }, index) => nets.findIndex((net) => net.table === table) === index);

/** By zone: one in the first zone, or one in each. */
function createNats(
  site: AwsSite,
  publicNets: readonly Net[],
  dependsOn: pulumi.Resource[],
): Map<string | undefined, ec2.NatGateway> {
  const { nat } = site.aws;
  const wanted = nat === 'per-zone' ? publicNets : nat === 'one' ? publicNets.slice(0, 1) : [];
  return new Map(
    wanted.map(({ network, subnet }) => {
      const part = network.zone === undefined ? 'nat' : `nat-${network.zone}`;
      const address = new aws.ec2.Eip(
        nameOf(site, part),
        { domain: 'vpc', tags: tagsOf(site, part) },
        site.opts,
      );
      const gateway = new aws.ec2.NatGateway(
        nameOf(site, part),
        { subnetId: subnet.id, allocationId: address.id, tags: tagsOf(site, part) },
        // It has no use before its own way out, and cannot be made before the gateway is attached.
        { ...site.opts, dependsOn },
      );
      return [network.zone, gateway];
    }),
  );
}
