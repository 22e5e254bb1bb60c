import {
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupsCommand,
  type IpPermission,
} from '@aws-sdk/client-ec2';
import {
  DescribeListenerAttributesCommand,
  DescribeListenersCommand,
  DescribeLoadBalancerAttributesCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  type Listener,
  type LoadBalancer,
  type TargetGroup as DescribedGroup,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { type Account, tagsOf } from '../account.ts';
import type { Fabric } from '../fabric-rules.ts';
import type {
  Balancer,
  BalancerListener,
  BalancerPlace,
  Permission,
  Target,
  TargetGroup,
} from './model.ts';

/** Addresses of a load balancer by subnet, as its creation named them: moto forgets them. */
export type Places = ReadonlyMap<string, Readonly<Record<string, string>>>;

/** All load balancers as the API knows them now. */
export async function readBalancers(
  account: Account,
  fabric: Fabric,
  places: Places,
): Promise<Balancer[]> {
  const [{ LoadBalancers = [] }, { TargetGroups = [] }] = await Promise.all([
    account.elb.send(new DescribeLoadBalancersCommand({})),
    account.elb.send(new DescribeTargetGroupsCommand({})),
  ]);
  if (LoadBalancers.length === 0) return [];
  const permissions = await readPermissions(account);
  const groups = await Promise.all(TargetGroups.map((group) => readGroup(account, fabric, group)));
  const byArn = new Map(groups.map((group) => [group.arn, group]));
  return Promise.all(
    LoadBalancers.map(async (balancer): Promise<Balancer> => {
      const LoadBalancerArn = balancer.LoadBalancerArn ?? '';
      const { Attributes } = await account.elb.send(
        new DescribeLoadBalancerAttributesCommand({ LoadBalancerArn }),
      );
      const { Listeners = [] } = await account.elb.send(
        new DescribeListenersCommand({ LoadBalancerArn }),
      );
      const listeners = await Promise.all(
        Listeners.map((listener) => readListener(account, listener, byArn)),
      );
      const of = (side: 'ingress' | 'egress'): Permission[] =>
        (balancer.SecurityGroups ?? []).flatMap((group) => permissions.get(group)?.[side] ?? []);
      return {
        arn: LoadBalancerArn,
        dnsName: balancer.DNSName ?? '',
        crossZone: tagsOf(Attributes)['load_balancing.cross_zone.enabled'] === 'true',
        places: placesOf(fabric, places, balancer),
        listeners: listeners.flat(),
        ingress: of('ingress'),
        egress: of('egress'),
      };
    }),
  );
}

function placesOf(
  { subnets }: Fabric,
  places: Places,
  { LoadBalancerArn = '' }: LoadBalancer,
): BalancerPlace[] {
  const named = places.get(LoadBalancerArn) ?? {};
  return subnets.flatMap(({ id, cidr, zone }) => {
    const address = named[id];
    return address === undefined ? [] : [{ subnet: id, cidr, zone, address }];
  });
}

async function readListener(
  { elb }: Account,
  { ListenerArn, Port = 0, DefaultActions: [action] = [] }: Listener,
  groups: ReadonlyMap<string, TargetGroup>,
): Promise<BalancerListener[]> {
  const group = groups.get(action?.TargetGroupArn ?? '');
  if (group === undefined) return [];
  const { Attributes } = await elb.send(new DescribeListenerAttributesCommand({ ListenerArn }));
  const idleSeconds = Number(tagsOf(Attributes)['tcp.idle_timeout.seconds']);
  return [{ port: Port, idleSeconds, group }];
}

async function readGroup(
  { elb }: Account,
  fabric: Fabric,
  group: DescribedGroup,
): Promise<TargetGroup> {
  const { TargetGroupArn, TargetGroupName = '' } = group;
  const [{ Attributes }, { TargetHealthDescriptions = [] }] = await Promise.all([
    elb.send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn })),
    elb.send(new DescribeTargetHealthCommand({ TargetGroupArn })),
  ]);
  const isOn = (attribute: string): boolean => tagsOf(Attributes)[attribute] === 'true';
  return {
    arn: TargetGroupArn ?? '',
    name: TargetGroupName,
    check: {
      protocol: (group.HealthCheckProtocol ?? 'TCP') as 'TCP' | 'HTTP' | 'HTTPS',
      port: Number(group.HealthCheckPort),
      path: group.HealthCheckPath ?? '/',
      codes: group.Matcher?.HttpCode ?? '200-399',
      intervalSeconds: group.HealthCheckIntervalSeconds ?? 30,
      timeoutSeconds: group.HealthCheckTimeoutSeconds ?? 10,
      rise: group.HealthyThresholdCount ?? 5,
      fall: group.UnhealthyThresholdCount ?? 2,
    },
    cutOnUnhealthy: isOn('target_health_state.unhealthy.connection_termination.enabled'),
    targets: TargetHealthDescriptions.flatMap(({ Target: found }) =>
      targetOf(fabric, found?.Id ?? '', found?.Port ?? 0),
    ),
  };
}

/** None of an instance that is gone. */
function targetOf({ interfaces, subnets }: Fabric, id: string, port: number): Target[] {
  const held = interfaces.find(({ instance }) => instance === id);
  const zone = subnets.find((subnet) => subnet.id === held?.subnet)?.zone;
  const [address] = held?.addresses ?? [];
  return address === undefined || zone === undefined ? [] : [{ id, address, zone, port }];
}

type Sides = Readonly<Record<'ingress' | 'egress', Permission[]>>;

/** By group; a peer that is a group stands for the addresses of its interfaces. */
async function readPermissions({ ec2 }: Account): Promise<Map<string, Sides>> {
  const [{ SecurityGroups = [] }, { NetworkInterfaces = [] }] = await Promise.all([
    ec2.send(new DescribeSecurityGroupsCommand({})),
    ec2.send(new DescribeNetworkInterfacesCommand({})),
  ]);
  const members = new Map<string, string[]>();
  for (const { Groups = [], PrivateIpAddresses = [] } of NetworkInterfaces) {
    const addresses = PrivateIpAddresses.flatMap(({ PrivateIpAddress }) => PrivateIpAddress ?? []);
    for (const { GroupId = '' } of Groups) {
      members.set(GroupId, [...(members.get(GroupId) ?? []), ...addresses]);
    }
  }
  const permissionOf = (given: IpPermission): Permission => ({
    protocol: given.IpProtocol ?? '',
    firstPort: given.FromPort ?? 0,
    lastPort: given.ToPort ?? 65_535,
    peers: [
      ...(given.IpRanges ?? []).flatMap(({ CidrIp }) => CidrIp ?? []),
      ...(given.UserIdGroupPairs ?? []).flatMap(({ GroupId = '' }) => members.get(GroupId) ?? []),
    ],
  });
  return new Map(
    SecurityGroups.map(({ GroupId = '', IpPermissions = [], IpPermissionsEgress = [] }) => [
      GroupId,
      { ingress: IpPermissions.map(permissionOf), egress: IpPermissionsEgress.map(permissionOf) },
    ]),
  );
}
