import type { EnvironmentConfig } from '../../config/schema.ts';
import { frontName, type Layout, mechanismOf, natOf } from '../addressing.ts';
import type {
  AccessPlan,
  AwsPlan,
  AwsVirtualAddress,
  InstancePlan,
  NameRecord,
  SubnetPlan,
  VpcPlan,
} from '../aws.ts';
import { broughtUserSecrets } from '../definitions.ts';
import type { HostPlan, NetworkPlan, Role, VirtualAddress } from '../model.ts';
import { pathsOf } from '../frontends/lvs/paths.ts';
import { accessNetwork } from './flows.ts';
import { architectureOf } from './instance-types.ts';

/** What decides on the part of a plan that only aws has. */
export interface AwsSite {
  readonly config: EnvironmentConfig;
  readonly layout: Layout;
  readonly hosts: readonly HostPlan[];
  readonly virtualAddresses: readonly VirtualAddress[];
  readonly loadBalancers: AwsPlan['loadBalancers'];
}

/** Room for the packages beside what the plan reckons with; a Debian image is of 8 GiB. */
const smallestRootGiB = 8;

/** Services that hosts, and people on them, ask by their interface endpoints. */
const endpointServices = ['ec2', 'kms', 'ssm', 'ssmmessages'];

/** Undefined for other targets. */
export function planAws(site: AwsSite): AwsPlan | undefined {
  const { config, layout, hosts, loadBalancers } = site;
  const { aws } = config;
  if (config.target !== 'aws') return undefined;
  return {
    region: regionOf(config),
    vpc: vpcOf(config),
    subnets: Object.fromEntries(
      layout.networks.map((network) => [network.name, subnetOf(config, network)]),
    ),
    hosts: Object.fromEntries(hosts.map((host) => [host.name, instanceOf(site, host)])),
    nat: natOf(aws),
    parameters: Object.fromEntries(
      [...new Set([...hosts.flatMap(({ secrets }) => secrets), ...broughtUserSecrets(config)])].map(
        (secret) => [secret, parameterOf(config, secret)],
      ),
    ),
    access: accessOf(config, layout),
    virtualAddresses: movedAddresses(site),
    loadBalancers,
    names: namesOf(site),
    quotas: aws.quotas,
    testRig: aws.testRig,
    tags: aws.tags,
  };
}

/** @throws when there is none: a rule refuses such a config */
export function regionOf({ aws }: EnvironmentConfig): string {
  if (aws.region === undefined) throw new RangeError('the target aws needs a region');
  return aws.region;
}

export const availabilityZoneOf = (config: EnvironmentConfig, zone: string): string =>
  config.aws.availabilityZones[zone] ?? `${regionOf(config)}${zone}`;

const vpcOf = ({ network, aws: { vpc } }: EnvironmentConfig): VpcPlan => ({
  cidr: network.cidr,
  own: vpc.id === undefined ? undefined : { id: vpc.id, routeTables: vpc.routeTables },
  endpoints: vpc.endpoints === 'made' ? endpointServices : [],
});

function subnetOf(config: EnvironmentConfig, { name, zone }: NetworkPlan): SubnetPlan {
  const [first] = config.network.zones;
  return {
    availabilityZone: availabilityZoneOf(config, zone ?? first ?? ''),
    reach: name.startsWith('public-') ? 'public' : 'private',
    id: config.aws.vpc.subnets[name.replace(/^zone-/, '')],
  };
}

function instanceOf(
  { config, virtualAddresses }: AwsSite,
  { name, roles, release, diskGiB, files, fences = [] }: HostPlan,
): InstancePlan {
  const role = roles[0] ?? 'broker';
  const type = instanceTypeOf(config, role);
  return {
    type,
    architecture: architectureOf(type),
    image: config.aws.images[release],
    rootGiB: Math.max(diskGiB, smallestRootGiB),
    sourceDestCheck:
      !virtualAddresses.some(
        ({ mechanism, holders }) => mechanism === 'overlay' && holders.includes(name),
      ) && !(role !== 'monitor' && passesOn(config)),
    spreadGroup: role,
    fences,
    answersFor: roles.includes('broker') ? broughtUserSecrets(config) : [],
    lateFiles: lateFilesParameter(config, name),
    latePrograms: lateProgramsParameter(config, { name, files }),
  };
}

/** Directors send, and brokers take and answer, packets of an address that is not their own. */
const passesOn = (config: EnvironmentConfig): boolean =>
  config.frontEnd === 'lvs-keepalived' && pathsOf(config).directReply;

export const instanceTypeOf = ({ aws }: EnvironmentConfig, role: Role): string =>
  aws.instanceTypes[role];

export const parameterOf = (
  { stack, aws }: EnvironmentConfig,
  secret: string,
): AwsPlan['parameters'][string] => {
  const brought = aws.secrets.parameters[secret];
  return { name: brought ?? ownParameter(stack, secret), brought: brought !== undefined };
};

export const lateFilesParameter = ({ stack }: EnvironmentConfig, host: string): string =>
  ownParameter(stack, `files/${host}`);

export const lateProgramsParameter = (
  { stack }: EnvironmentConfig,
  { name, files }: Pick<HostPlan, 'name' | 'files'>,
): string | undefined =>
  files.some(({ canWait }) => canWait) ? ownParameter(stack, `programs/${name}`) : undefined;

const ownParameter = (stack: string, name: string): string => `/rabbitmq-ha-kit/${stack}/${name}`;

const accessOf = ({ aws: { access } }: EnvironmentConfig, layout: Layout): AccessPlan => ({
  method: access.method,
  profile: access.profile,
  publicKey: access.publicKey,
  network:
    access.method === 'instance-connect' && access.endpoint === 'made'
      ? accessNetwork(layout).name
      : undefined,
});

const movedAddresses = ({ virtualAddresses }: AwsSite): AwsVirtualAddress[] =>
  virtualAddresses.flatMap(({ mechanism, address, holders, movedBy }) =>
    mechanism === 'announced'
      ? []
      : [
          {
            name: movedBy === 'pacemaker' ? 'broker-vip' : 'vip',
            ...{ mechanism, movedBy, holders },
            address: mechanism === 'elastic-ip' ? undefined : address,
          },
        ],
  );

function namesOf(site: AwsSite): NameRecord[] {
  const hosts = site.hosts.map(({ fqdn, address }): NameRecord => ({
    name: fqdn,
    to: { kind: 'address', address },
  }));
  const front = frontRecord(site);
  return front === undefined ? hosts : [...hosts, { name: frontName(site.config), to: front }];
}

/** Where clients are led to; undefined where they hold the brokers' own addresses. */
function frontRecord(site: AwsSite): NameRecord['to'] | undefined {
  const [balancer] = site.loadBalancers;
  if (balancer !== undefined) return { kind: 'load-balancer', name: balancer.name };
  const [moved] = movedAddresses(site);
  if (moved === undefined) return undefined;
  return moved.address === undefined
    ? { kind: 'elastic-address' }
    : { kind: 'address', address: moved.address };
}

/** Which route tables there are, where an overlay address is led by them (see EnvironmentPlan.settled). */
export function settledOnAws(
  config: EnvironmentConfig,
  virtualAddresses: readonly VirtualAddress[],
): Record<string, string> {
  if (mechanismOf(config) !== 'overlay' || virtualAddresses.length === 0) return {};
  const nat = natOf(config.aws);
  if (nat === undefined) return {};
  return { 'aws.nat': nat === 'per-zone' ? nat : 'none or one' };
}
