import { addressAt, cidrOf } from '../../cidr.ts';
import type { EnvironmentConfig } from '../../config/schema.ts';
import type { Layout } from '../addressing.ts';
import type { Flow, FlowEnd } from '../model.ts';

/** Everywhere; only ever a destination. */
const anywhere = ['0.0.0.0/0'];
/** Addresses that EC2 itself answers at on every host. */
const serviceAddress = {
  metadata: '169.254.169.254/32',
  resolver: '169.254.169.253/32',
  time: '169.254.169.123/32',
};
/** The resolver of a VPC is the third address of its network. */
const resolverOffset = 2;

/** What every host needs of EC2, and who comes to it for a shell; nothing on other targets. */
export function awsFlows(
  config: EnvironmentConfig,
  layout: Layout,
  hosts: readonly FlowEnd[],
): Flow[] {
  if (config.target !== 'aws') return [];
  return hosts.flatMap((host) => [
    ...serviceFlows(config, layout, host),
    ...internetFlows(config, layout, host),
    ...shellFlows(config, layout, host),
  ]);
}

/** What the network itself serves; AWS lets all of it pass, a host's own firewall does not. */
function serviceFlows({ network }: EnvironmentConfig, layout: Layout, host: FlowEnd): Flow[] {
  const resolvers = [
    `${addressAt(cidrOf(network.cidr), resolverOffset)}/32`,
    serviceAddress.resolver,
  ];
  const to = (
    ranges: readonly string[],
    protocol: 'tcp' | 'udp',
    port: number,
    why: string,
    rest: Pick<Flow, 'user'> = {},
  ): Flow => ({
    from: host,
    to: { kind: 'outside', name: 'vpc-services', ranges, ungoverned: true },
    protocol,
    ports: [port],
    ...rest,
    why,
  });
  return [
    // They hold the credentials of the host's role, which no broker needs.
    to([serviceAddress.metadata], 'tcp', 80, 'instance metadata', { user: 'root' }),
    to(resolvers, 'udp', 53, 'names'),
    to(resolvers, 'tcp', 53, 'names, where an answer is long'),
    to([serviceAddress.time], 'udp', 123, 'time'),
    to(
      layout.networks.map(({ gateway }) => `${gateway}/32`),
      'udp',
      67,
      'renewal of the own address (DHCP)',
    ),
  ];
}

function internetFlows({ aws }: EnvironmentConfig, layout: Layout, host: FlowEnd): Flow[] {
  // Endpoints are interfaces in the subnets of the zones.
  const apis = aws.vpc.endpoints === 'made' ? layout.zones.map(({ cidr }) => cidr) : anywhere;
  const flow = (
    name: 'aws-apis' | 'package-mirrors',
    ranges: readonly string[],
    ports: readonly number[],
    why: string,
  ): Flow => ({
    from: host,
    to: { kind: 'outside', name, ranges },
    protocol: 'tcp',
    ports,
    why,
  });
  return [
    flow('aws-apis', apis, [443], 'APIs of AWS'),
    ...(aws.goldenImage
      ? []
      : [flow('package-mirrors', anywhere, [80, 443], 'packages of Debian')]),
  ];
}

/** Where the logins of people and of the kit come from, as hosts see it; empty where there are none. */
export function operatorSources({ aws }: EnvironmentConfig, layout: Layout): readonly string[] {
  switch (aws.access.method) {
    case 'instance-connect':
      return [aws.access.endpointSubnet ?? accessNetwork(layout).cidr];
    // The agent on the host itself.
    case 'session-manager':
      return ['127.0.0.1', '::1'];
    case 'none':
      return [];
  }
}

function shellFlows(config: EnvironmentConfig, layout: Layout, host: FlowEnd): Flow[] {
  const { aws } = config;
  if (aws.access.method !== 'instance-connect') return [];
  return [
    {
      from: { kind: 'outside', name: 'operators', ranges: operatorSources(config, layout) },
      to: host,
      protocol: 'tcp',
      ports: [22],
      why: 'shells through the Instance Connect Endpoint',
    },
  ];
}

/** Where the Instance Connect Endpoint stands. */
export function accessNetwork({ zones }: Layout): Layout['zones'][number] {
  const [first] = zones;
  if (first === undefined) throw new RangeError('an environment needs at least one zone');
  return first;
}
