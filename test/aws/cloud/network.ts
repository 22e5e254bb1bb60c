import {
  DescribeAddressesCommand,
  DescribeNetworkInterfacesCommand,
  DescribeRouteTablesCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  type Route,
  type RouteTable,
} from '@aws-sdk/client-ec2';
import { addressAt, cidrOf } from '../../../infra/cidr.ts';
import { exec, must } from '../../../infra/rig-provider/exec.ts';
import { bridgeName, namespacePath, routerNamespace } from '../../../infra/rig-provider/names.ts';
import { ipBatch } from '../../../infra/rig-provider/network/namespace.ts';
import { ensureRouter } from '../../../infra/rig-provider/network/router.ts';
import type { Account } from './account.ts';
import {
  cableFilter,
  type Fabric,
  type FabricInterface,
  policyRules,
  routes,
} from './fabric-rules.ts';
import { gatewayRules, publicRoutes } from './internet-gateway.ts';
import { metadataAddress } from './settings.ts';

/** Answers of instance metadata reach the instance itself and nothing behind it: hop limit 1. */
const hopLimit = `table inet metadata {
  chain answers {
    type filter hook output priority filter; policy accept;
    ip saddr ${metadataAddress} ip ttl set 1
  }
}
`;

/** Brings the rig's network to what the API says, each time that a call may have changed it. */
export class Network {
  readonly #cloud: string;
  readonly #account: Account;
  readonly #openResolver: (address: string) => Promise<void>;
  readonly #numbers = new Map<string, number>();
  #bridges: readonly string[] = [];
  #rules: readonly string[] = [];
  #routes: ReadonlyMap<string, string> = new Map();
  #filter = '';
  #work: Promise<void> = Promise.resolve();
  fabric: Fabric = { vpcs: [], subnets: [], interfaces: [], tables: [], publicAddresses: [] };

  /** @param openResolver has the resolver answer at a VPC's address, too */
  constructor(cloud: string, account: Account, openResolver: (address: string) => Promise<void>) {
    this.#cloud = cloud;
    this.#account = account;
    this.#openResolver = openResolver;
  }

  get #namespace(): string {
    return routerNamespace(this.#cloud);
  }

  async start(): Promise<void> {
    await this.#nft(hopLimit);
  }

  /** One change after the other; returns when the network is as the API says now. */
  follow(): Promise<void> {
    this.#work = this.#work.catch(() => undefined).then(() => this.#apply());
    return this.#work;
  }

  /** What of the API has the address; undefined when nothing has. */
  interfaceAt(address: string): FabricInterface | undefined {
    return this.fabric.interfaces.find(({ addresses }) => addresses.includes(address));
  }

  async #apply(): Promise<void> {
    const fabric = await readFabric(this.#account);
    const moved = movedAddresses(this.fabric, fabric);
    this.fabric = fabric;
    await this.#makeBridges(fabric);
    const numberOf = (table: string): number => this.#numberOf(table);
    const rules = policyRules(fabric, numberOf);
    const wanted = new Map([...routes(fabric, numberOf), ...publicRoutes(fabric)]);
    await ipBatch(this.#namespace, [
      ...this.#rules.filter((rule) => !rules.includes(rule)).map((rule) => `rule del ${rule}`),
      ...rules.filter((rule) => !this.#rules.includes(rule)).map((rule) => `rule add ${rule}`),
      ...routeChanges(this.#routes, wanted),
    ]);
    this.#rules = rules;
    this.#routes = wanted;
    const filter = cableFilter(fabric) + gatewayRules(fabric);
    if (filter !== this.#filter) await this.#nft(filter);
    this.#filter = filter;
    for (const address of moved) {
      await exec(['ip', '-n', this.#namespace, 'neigh', 'flush', 'to', address]);
    }
  }

  async #makeBridges({ vpcs, subnets }: Fabric): Promise<void> {
    const ids = subnets.map(({ id }) => id);
    if (ids.every((id) => this.#bridges.includes(id)) && ids.length === this.#bridges.length) {
      return;
    }
    const gone = this.#bridges.filter((id) => !ids.includes(id));
    await ipBatch(
      this.#namespace,
      gone.map((id) => `link delete ${bridgeName(id)}`),
    );
    // A bridge takes the rules for packets from it along only in name: they are made anew with it.
    await ensureRouter(
      this.#cloud,
      subnets.map(({ id, zone, cidr }) => ({
        name: id,
        zone,
        cidr,
        gateway: addressAt(cidrOf(cidr), 1),
      })),
    );
    const resolvers = vpcs.map((cidr) => addressAt(cidrOf(cidr), 2));
    const endpoints = subnets.map(({ cidr }) => addressAt(cidrOf(cidr), 3));
    await ipBatch(
      this.#namespace,
      [...resolvers, ...endpoints].map((address) => `addr replace ${address}/32 dev lo`),
    );
    for (const address of resolvers) await this.#openResolver(address);
    this.#bridges = ids;
  }

  #numberOf(table: string): number {
    const known = this.#numbers.get(table);
    if (known !== undefined) return known;
    const number = 1000 + this.#numbers.size;
    this.#numbers.set(table, number);
    return number;
  }

  async #nft(rules: string): Promise<void> {
    const inside = ['nsenter', `--net=${namespacePath(this.#namespace)}`];
    await must([...inside, 'nft', '-f', '-'], { input: rules });
  }
}

function routeChanges(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): string[] {
  const replaced = [...after].filter(([key, target]) => before.get(key) !== target);
  return [
    ...[...before.keys()].filter((key) => !after.has(key)).map((key) => `route del ${key}`),
    ...replaced.map(([key, target]) =>
      target === 'blackhole' ? `route replace blackhole ${key}` : `route replace ${key} ${target}`,
    ),
  ];
}

/** Addresses that are on another interface now: their neighbours must ask again. */
function movedAddresses(before: Fabric, after: Fabric): string[] {
  const holderIn = ({ interfaces }: Fabric, address: string): string | undefined =>
    interfaces.find(({ addresses }) => addresses.includes(address))?.id;
  return after.interfaces
    .flatMap(({ addresses }) => addresses)
    .filter((address) => {
      const was = holderIn(before, address);
      return was !== undefined && was !== holderIn(after, address);
    });
}

async function readFabric({ ec2 }: Account): Promise<Fabric> {
  const [networks, subnets, interfaces, tables, addresses] = await Promise.all([
    ec2.send(new DescribeVpcsCommand({})),
    ec2.send(new DescribeSubnetsCommand({})),
    ec2.send(new DescribeNetworkInterfacesCommand({})),
    ec2.send(new DescribeRouteTablesCommand({})),
    ec2.send(new DescribeAddressesCommand({})),
  ]);
  // Every account has a network of its own from the start; nothing of the tests is in it.
  const own = (subnets.Subnets ?? []).filter(({ DefaultForAz }) => DefaultForAz !== true);
  const vpcs = new Set(own.map(({ VpcId }) => VpcId));
  return {
    vpcs: (networks.Vpcs ?? [])
      .filter(({ VpcId }) => vpcs.has(VpcId))
      .map(({ CidrBlock = '' }) => CidrBlock),
    subnets: own.map(({ SubnetId = '', AvailabilityZone = '', CidrBlock = '' }) => ({
      id: SubnetId,
      zone: AvailabilityZone,
      cidr: CidrBlock,
    })),
    interfaces: (interfaces.NetworkInterfaces ?? [])
      .filter(({ VpcId }) => vpcs.has(VpcId))
      .map((found) => ({
        id: found.NetworkInterfaceId ?? '',
        subnet: found.SubnetId ?? '',
        addresses: (found.PrivateIpAddresses ?? [])
          .toSorted((a, b) => Number(b.Primary ?? false) - Number(a.Primary ?? false))
          .map(({ PrivateIpAddress = '' }) => PrivateIpAddress),
        sourceDestCheck: found.SourceDestCheck ?? true,
        instance: found.Attachment?.InstanceId,
      })),
    tables: (tables.RouteTables ?? []).filter(({ VpcId }) => vpcs.has(VpcId)).map(tableOf),
    publicAddresses: (addresses.Addresses ?? []).flatMap(({ PublicIp, NetworkInterfaceId }) =>
      PublicIp === undefined || NetworkInterfaceId === undefined
        ? []
        : [{ address: PublicIp, interface: NetworkInterfaceId }],
    ),
  };
}

const tableOf = ({ RouteTableId = '', Associations = [], Routes = [] }: RouteTable) => ({
  id: RouteTableId,
  main: Associations.some(({ Main }) => Main === true),
  subnets: Associations.flatMap(({ SubnetId }) => SubnetId ?? []),
  routes: Routes.flatMap(({ DestinationCidrBlock, NetworkInterfaceId }) =>
    DestinationCidrBlock === undefined || NetworkInterfaceId === undefined
      ? []
      : [{ destination: DestinationCidrBlock, interface: NetworkInterfaceId }],
  ),
  internet: waysOut(Routes).some(
    ({ GatewayId, NatGatewayId }) => (GatewayId ?? NatGatewayId) !== undefined,
  ),
  gateway: waysOut(Routes).some(({ GatewayId }) => GatewayId?.startsWith('igw-') === true),
});

const waysOut = (routes: readonly Route[]): Route[] =>
  routes.filter(({ DestinationCidrBlock }) => DestinationCidrBlock === '0.0.0.0/0');
