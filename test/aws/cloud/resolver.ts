import { createSocket, type RemoteInfo } from 'node:dgram';
import { DescribeVpcEndpointsCommand } from '@aws-sdk/client-ec2';
import {
  ListHostedZonesCommand,
  ListResourceRecordSetsCommand,
  type ResourceRecordSet,
} from '@aws-sdk/client-route-53';
import packet from 'dns-packet';
import { addressAt, cidrOf, containsAddress, parseAddress } from '../../../infra/cidr.ts';
import type { Account } from './account.ts';
import type { LoadBalancers } from './balancing/load-balancers.ts';
import { tableOf } from './fabric-rules.ts';
import type { Network } from './network.ts';
import { publicApiAddress } from './settings.ts';

/** Records and endpoints change rarely; nobody asks the API for them more often than that. */
const cachedMs = 1000;

interface Known {
  readonly at: number;
  /** By lower-case name without the last dot. */
  readonly records: ReadonlyMap<string, readonly string[]>;
  /** Names of load balancers, by such names. */
  readonly aliases: ReadonlyMap<string, string>;
  /** Subnets with an interface endpoint, by service. */
  readonly endpoints: ReadonlyMap<string, readonly string[]>;
}

interface Parts {
  readonly network: Network;
  readonly balancers: LoadBalancers;
}

/** The resolver of the VPC: the private zones, and the names of the API where it can be reached. */
export class Resolver {
  readonly #account: Account;
  readonly #partsOf: () => Parts;
  readonly #open = new Set<string>();
  #known: Promise<Known> | undefined;

  constructor(account: Account, partsOf: () => Parts) {
    this.#account = account;
    this.#partsOf = partsOf;
  }

  get #network(): Network {
    return this.#partsOf().network;
  }

  /** Each address has a socket of its own: an answer comes from where the question went to. */
  listen(address: string): Promise<void> {
    if (this.#open.has(address)) return Promise.resolve();
    this.#open.add(address);
    const socket = createSocket('udp4');
    socket.on('message', (message, from) => {
      this.#answer(message, from).then(
        (answer) => {
          socket.send(answer, from.port, from.address);
        },
        (error: unknown) => {
          process.stderr.write(`resolver: ${String(error)}\n`);
        },
      );
    });
    return new Promise((resolve, reject) => {
      socket.once('error', reject);
      socket.bind(53, address, resolve);
    });
  }

  async #answer(message: Buffer, from: RemoteInfo): Promise<Buffer> {
    const query = packet.decode(message);
    const [question] = query.questions ?? [];
    const name = question?.name.toLowerCase() ?? '';
    const found = await this.#find(name, from.address);
    const wanted = question?.type === 'A' ? (found ?? []) : [];
    return packet.encode({
      type: 'response',
      ...(query.id === undefined ? {} : { id: query.id }),
      // 3 is "no such name".
      flags: packet.RECURSION_DESIRED | packet.RECURSION_AVAILABLE | (found === undefined ? 3 : 0),
      questions: query.questions ?? [],
      answers: wanted.map((data) => ({ type: 'A', name: question?.name ?? '', ttl: 5, data })),
    });
  }

  async #find(name: string, asker: string): Promise<readonly string[] | undefined> {
    const { records, aliases, endpoints } = await this.#read();
    const balanced = await this.#partsOf().balancers.addressesOf(aliases.get(name) ?? name);
    if (balanced !== undefined) return balanced;
    const service = /^([a-z0-9-]+)(?:\.[a-z0-9-]+)?\.amazonaws\.com$/.exec(name)?.[1];
    if (service === undefined) return records.get(name);
    const inVpc = endpoints.get(service);
    if (inVpc !== undefined) return this.#endpointAddresses(inVpc, asker);
    return this.#hasInternet(asker) ? [publicApiAddress] : [];
  }

  /** Its own zone's first, as the service does it. */
  #endpointAddresses(subnets: readonly string[], asker: string): string[] {
    const all = this.#network.fabric.subnets.filter(({ id }) => subnets.includes(id));
    const isNear = ({ cidr }: { cidr: string }): boolean =>
      containsAddress(cidrOf(cidr), parseAddress(asker) ?? 0);
    return all
      .toSorted((a, b) => Number(isNear(b)) - Number(isNear(a)))
      .map(({ cidr }) => addressAt(cidrOf(cidr), 3));
  }

  #hasInternet(asker: string): boolean {
    const { fabric } = this.#network;
    const subnet = this.#network.interfaceAt(asker)?.subnet;
    return subnet !== undefined && tableOf(fabric, subnet)?.internet === true;
  }

  async #read(): Promise<Known> {
    const known = await this.#known;
    if (known !== undefined && Date.now() - known.at < cachedMs) return known;
    this.#known = readKnown(this.#account);
    return this.#known;
  }
}

async function readKnown({ ec2, route53 }: Account): Promise<Known> {
  const [{ VpcEndpoints = [] }, { HostedZones = [] }] = await Promise.all([
    ec2.send(new DescribeVpcEndpointsCommand({})),
    route53.send(new ListHostedZonesCommand({})),
  ]);
  const records = new Map<string, readonly string[]>();
  const aliases = new Map<string, string>();
  for (const { Id = '' } of HostedZones) {
    const listed = await route53.send(new ListResourceRecordSetsCommand({ HostedZoneId: Id }));
    for (const set of listed.ResourceRecordSets ?? []) {
      const alias = set.AliasTarget?.DNSName;
      if (alias !== undefined) aliases.set(plainName(set), plainName({ Name: alias }));
      else if (set.Type === 'A') records.set(plainName(set), valuesOf(set));
    }
  }
  const endpoints = new Map<string, readonly string[]>();
  for (const { ServiceName = '', PrivateDnsEnabled, SubnetIds = [] } of VpcEndpoints) {
    const service = ServiceName.split('.').at(-1) ?? '';
    if (PrivateDnsEnabled === true) endpoints.set(service, SubnetIds);
  }
  return { at: Date.now(), records, aliases, endpoints };
}

const plainName = ({ Name = '' }: Pick<ResourceRecordSet, 'Name'>): string =>
  Name.replace(/\.$/, '').toLowerCase();

const valuesOf = ({ ResourceRecords = [] }: ResourceRecordSet): string[] =>
  ResourceRecords.map(({ Value = '' }) => Value);
