import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { DescribeSubnetsCommand, DescribeVpcsCommand, type Instance } from '@aws-sdk/client-ec2';
import { type Account, tagsOf } from './account.ts';
import type { Credentials } from './credentials.ts';
import type { Instances } from './instances.ts';
import { lookUp, type MetadataFolder } from './metadata-tree.ts';
import type { Network } from './network.ts';
import { accountId, metadataAddress } from './settings.ts';

const ttlHeader = 'x-aws-ec2-metadata-token-ttl-seconds';
const longestSeconds = 21_600;
/** What the API says may change under an instance; nobody asks it more often than that. */
const cachedMs = 500;

/** The metadata service of every instance, which it knows by their addresses. */
export class Metadata {
  readonly #account: Account;
  readonly #network: Network;
  readonly #instances: Instances;
  readonly #credentials: Credentials;
  /** By token: whose it is and until when. */
  readonly #tokens = new Map<string, { readonly instance: string; readonly until: number }>();
  readonly #trees = new Map<string, { readonly at: number; readonly tree: MetadataFolder }>();

  constructor(account: Account, network: Network, instances: Instances, credentials: Credentials) {
    this.#account = account;
    this.#network = network;
    this.#instances = instances;
    this.#credentials = credentials;
  }

  listen(): Promise<void> {
    const server = createServer((request, response) => {
      this.#answer(request, response).catch((error: unknown) => {
        process.stderr.write(`metadata ${request.url ?? ''}: ${String(error)}\n`);
        response.writeHead(500).end();
      });
    });
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(80, metadataAddress, resolve);
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const address = request.socket.remoteAddress ?? '';
    const instance = this.#network.interfaceAt(address)?.instance;
    const facts = instance === undefined ? undefined : this.#instances.factsOf(instance);
    if (instance === undefined || facts === undefined) return void response.writeHead(404).end();
    const path = request.url ?? '/';
    if (path === '/latest/api/token') {
      this.#giveToken(instance, request, response);
      return;
    }
    const token = request.headers['x-aws-ec2-metadata-token'];
    if ((facts.tokensRequired || token !== undefined) && !this.#isGood(instance, token)) {
      return void response.writeHead(401).end();
    }
    if (request.method !== 'GET') return void response.writeHead(405).end();
    const found = lookUp(await this.#treeOf(instance), path);
    if (found === undefined) return void response.writeHead(404).end();
    response.writeHead(200, { 'content-type': 'text/plain' }).end(found);
  }

  #giveToken(instance: string, request: IncomingMessage, response: ServerResponse): void {
    const ttl = Number(request.headers[ttlHeader]);
    if (request.method !== 'PUT') return void response.writeHead(405).end();
    if (!Number.isInteger(ttl) || ttl < 1 || ttl > longestSeconds) {
      return void response.writeHead(400).end();
    }
    // A proxy in between would be someone else's way to the instance's rights.
    if (request.headers['x-forwarded-for'] !== undefined) {
      return void response.writeHead(403).end();
    }
    const token = randomBytes(32).toString('base64url');
    this.#tokens.set(token, { instance, until: Date.now() + ttl * 1000 });
    response.writeHead(200, { [ttlHeader]: String(ttl), 'content-type': 'text/plain' }).end(token);
  }

  #isGood(instance: string, token: string | string[] | undefined): boolean {
    const known = typeof token === 'string' ? this.#tokens.get(token) : undefined;
    return known?.instance === instance && known.until > Date.now();
  }

  async #treeOf(id: string): Promise<MetadataFolder> {
    const cached = this.#trees.get(id);
    if (cached !== undefined && Date.now() - cached.at < cachedMs) return cached.tree;
    const tree = await this.#readTree(id);
    this.#trees.set(id, { at: Date.now(), tree });
    return tree;
  }

  async #readTree(id: string): Promise<MetadataFolder> {
    const { region, ec2 } = this.#account;
    const instance = await this.#instances.describe(id);
    const facts = this.#instances.factsOf(id);
    const [subnets, vpcs, role] = await Promise.all([
      ec2.send(new DescribeSubnetsCommand({ SubnetIds: [instance.SubnetId ?? ''] })),
      ec2.send(new DescribeVpcsCommand({ VpcIds: [instance.VpcId ?? ''] })),
      this.#credentials.roleOf(instance),
    ]);
    const ranges = {
      subnet: subnets.Subnets?.[0]?.CidrBlock ?? '',
      vpc: vpcs.Vpcs?.[0]?.CidrBlock ?? '',
    };
    const userData = facts?.userData;
    return {
      'meta-data': {
        ...plainData(instance, region),
        ...(facts?.tagsInMetadata === true ? { tags: { instance: tagsOf(instance.Tags) } } : {}),
        ...(role === undefined ? {} : this.#rights(instance, role)),
        network: { interfaces: { macs: interfaces(instance, ranges) } },
      },
      dynamic: { 'instance-identity': { document: identity(instance, region) } },
      ...(userData === undefined || userData.length === 0 ? {} : { 'user-data': userData }),
    };
  }

  #rights(instance: Instance, role: string): MetadataFolder {
    const { InstanceId = '', IamInstanceProfile: profile } = instance;
    const info = {
      Code: 'Success',
      LastUpdated: new Date().toISOString(),
      InstanceProfileArn: profile?.Arn,
      InstanceProfileId: profile?.Id,
    };
    const credentials = JSON.stringify(this.#credentials.issue(InstanceId, role));
    return {
      iam: { info: JSON.stringify(info), 'security-credentials': { [role]: credentials } },
    };
  }
}

const hostName = ({ PrivateDnsName = '' }: Instance): string => PrivateDnsName;

function plainData(instance: Instance, region: string): MetadataFolder {
  return {
    'ami-id': instance.ImageId ?? '',
    'ami-launch-index': '0',
    'instance-id': instance.InstanceId ?? '',
    'instance-type': instance.InstanceType ?? '',
    'instance-life-cycle': 'on-demand',
    'local-ipv4': instance.PrivateIpAddress ?? '',
    'local-hostname': hostName(instance),
    hostname: hostName(instance),
    mac: macOf(instance),
    'security-groups': (instance.SecurityGroups ?? []).map((one) => one.GroupName).join('\n'),
    placement: {
      'availability-zone': instance.Placement?.AvailabilityZone ?? '',
      region,
    },
    services: { domain: 'amazonaws.com', partition: 'aws' },
  };
}

const macOf = ({ NetworkInterfaces: [first] = [] }: Instance): string =>
  (first?.MacAddress ?? '').toLowerCase();

function interfaces(
  instance: Instance,
  ranges: { readonly subnet: string; readonly vpc: string },
): MetadataFolder {
  const all = instance.NetworkInterfaces ?? [];
  return Object.fromEntries(
    all.map((one, index) => [
      (one.MacAddress ?? '').toLowerCase(),
      {
        'device-number': String(one.Attachment?.DeviceIndex ?? index),
        'interface-id': one.NetworkInterfaceId ?? '',
        'local-ipv4s': (one.PrivateIpAddresses ?? [])
          .map(({ PrivateIpAddress = '' }) => PrivateIpAddress)
          .join('\n'),
        'local-hostname': hostName(instance),
        mac: (one.MacAddress ?? '').toLowerCase(),
        'owner-id': accountId,
        'security-group-ids': (one.Groups ?? []).map(({ GroupId = '' }) => GroupId).join('\n'),
        'subnet-id': one.SubnetId ?? '',
        'subnet-ipv4-cidr-block': ranges.subnet,
        'vpc-id': one.VpcId ?? '',
        'vpc-ipv4-cidr-block': ranges.vpc,
        'vpc-ipv4-cidr-blocks': ranges.vpc,
      },
    ]),
  );
}

const identity = (instance: Instance, region: string): string =>
  JSON.stringify({
    accountId,
    architecture: instance.Architecture,
    availabilityZone: instance.Placement?.AvailabilityZone,
    imageId: instance.ImageId,
    instanceId: instance.InstanceId,
    instanceType: instance.InstanceType,
    privateIp: instance.PrivateIpAddress,
    region,
    version: '2017-09-30',
  });
