/**
 * Whether security groups say what the plan's flows say: read back from addresses and ports, without the
 * code that has made the rules.
 */
import { addressOf, cidrOf, contains, containsAddress, sizeOf } from '../../cidr.ts';
import type { Flow, FlowEnd } from '../../plan/model.ts';
import { at, type Finding, finding, type Graph, type GraphResource, ofType } from './graph.ts';

const ruleTypes = {
  ingress: 'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule',
  egress: 'aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule',
} as const;
type Direction = keyof typeof ruleTypes;

/** Security groups by URN, with the addresses that they stand for. */
interface Groups {
  readonly addresses: ReadonlyMap<string, readonly string[]>;
  /** Groups of what AWS puts into the VPC, by the end of flows that it is. */
  readonly services: ReadonlyMap<string, string>;
  /** Those of hosts that take packets for addresses which are not their interface's. */
  readonly forwarding: ReadonlySet<string>;
}

/** One end of a flow as rules see it. */
interface Party {
  readonly groups: readonly string[];
  /** Networks that no group stands for. */
  readonly networks: readonly string[];
}

const protocolOf: Readonly<Record<Flow['protocol'], string>> = {
  tcp: 'tcp',
  udp: 'udp',
  icmp: 'icmp',
  vrrp: '112',
  ipip: '4',
};

/** Flows that some rule is missing for: what they carry would be dropped. */
export function blockedFlows(graph: Graph, flows: readonly Flow[]): Finding[] {
  const groups = groupsIn(graph);
  return flows.filter(isGoverned).flatMap((flow) => {
    const [from, to] = [partyOf(groups, flow.from), partyOf(groups, flow.to)];
    const blocked = (direction: Direction, own: Party, others: Party): Finding[] =>
      own.groups.flatMap((group) =>
        [...others.groups, ...others.networks].flatMap((other) =>
          allows(graph, direction, group, other, flow)
            ? []
            : [missing(graph, group, direction, flow, other)],
        ),
      );
    // Of what is reached by another address than its own, that address counts on the way out only.
    const senders = { ...from, networks: from.groups.length > 0 ? [] : from.networks };
    return [...blocked('egress', from, to), ...blocked('ingress', to, senders)];
  });
}

/** Rules that no flow asks for. */
export function rulesWithoutFlow(graph: Graph, flows: readonly Flow[]): Finding[] {
  const groups = groupsIn(graph);
  const parties = flows
    .filter(isGoverned)
    .map((flow) => ({ flow, from: partyOf(groups, flow.from), to: partyOf(groups, flow.to) }));
  return (Object.keys(ruleTypes) as Direction[]).flatMap((direction) =>
    ofType(graph, ruleTypes[direction])
      .filter((rule) =>
        parties.every(({ flow, from, to }) => {
          const [own, other] = direction === 'egress' ? [from, to] : [to, from];
          return !(
            own.groups.includes(groupOf(rule)) &&
            isWithin(rule, other) &&
            protocolOf[flow.protocol] === rule.inputs['ipProtocol'] &&
            isOfPorts(rule, flow.ports)
          );
        }),
      )
      .map((rule) => finding(rule, 'serves no flow of the plan')),
  );
}

const isGoverned = ({ from, to }: Flow): boolean =>
  [from, to].every((end) => end.kind === 'role' || end.ungoverned !== true);

function groupsIn(graph: Graph): Groups {
  const addresses = new Map<string, string[]>();
  const add = (urns: readonly string[] = [], more: readonly unknown[]): void => {
    const texts = more.filter((each) => typeof each === 'string');
    for (const urn of urns) addresses.set(urn, [...(addresses.get(urn) ?? []), ...texts]);
  };
  const forwarding = new Set<string>();
  for (const { inputs, references } of ofType(graph, 'aws:ec2/networkInterface:NetworkInterface')) {
    const groups = references['securityGroups'] ?? [];
    add(groups, inputs['privateIps'] as unknown[]);
    if (inputs['sourceDestCheck'] === false) groups.forEach((group) => forwarding.add(group));
  }
  for (const { inputs, references } of ofType(graph, 'aws:lb/loadBalancer:LoadBalancer')) {
    const places = inputs['subnetMappings'] as unknown[];
    add(
      references['securityGroups'],
      places.map((place) => at(place, 'privateIpv4Address')),
    );
  }
  const services = new Map<string, string>();
  const serve = (type: string, name: string): void => {
    for (const { references } of ofType(graph, type)) {
      for (const urn of references['securityGroupIds'] ?? []) services.set(name, urn);
    }
  };
  serve('aws:ec2/vpcEndpoint:VpcEndpoint', 'aws-apis');
  serve('aws:ec2transitgateway/instanceConnectEndpoint:InstanceConnectEndpoint', 'operators');
  return { addresses, services, forwarding };
}

function partyOf({ addresses, services, forwarding }: Groups, end: FlowEnd): Party {
  if (end.kind === 'outside') {
    const service = services.get(end.name);
    return service === undefined
      ? { groups: [], networks: end.ranges }
      : { groups: [service], networks: [] };
  }
  const groups = [...addresses].flatMap(([urn, all]) =>
    all.some((address) => isIn(end.ranges, address)) ? [urn] : [],
  );
  // An overlay address: no group stands for it, as it is no network interface's.
  const overlays = groups.some((urn) => forwarding.has(urn))
    ? end.ranges.filter((range) => sizeOf(cidrOf(range)) === 1 && !isAnyones(addresses, range))
    : [];
  return { groups, networks: overlays };
}

const isAnyones = (addresses: Groups['addresses'], range: string): boolean =>
  [...addresses.values()].flat().some((address) => isIn([range], address));

const isIn = (ranges: readonly string[], address: string): boolean =>
  ranges.some((range) => containsAddress(cidrOf(range), addressOf(address)));

const groupOf = ({ references }: GraphResource): string => references['securityGroupId']?.[0] ?? '';

const peerOf = ({ references }: GraphResource): string | undefined =>
  references['referencedSecurityGroupId']?.[0];

/** Whether a rule's other side is part of that party. */
function isWithin(rule: GraphResource, { groups, networks }: Party): boolean {
  const peer = peerOf(rule);
  if (peer !== undefined) return groups.includes(peer);
  const { cidrIpv4 } = rule.inputs;
  return typeof cidrIpv4 === 'string' && networks.some((network) => covers(network, cidrIpv4));
}

/** Whether some rule of the group lets through all ports of the flow, to or from all of the other side. */
function allows(
  graph: Graph,
  direction: Direction,
  group: string,
  other: string,
  { protocol, ports }: Flow,
): boolean {
  const rules = ofType(graph, ruleTypes[direction]).filter((rule) => {
    const { ipProtocol, cidrIpv4 } = rule.inputs;
    const isOther =
      peerOf(rule) === other ||
      (typeof cidrIpv4 === 'string' && !other.startsWith('urn:') && covers(cidrIpv4, other));
    return groupOf(rule) === group && ipProtocol === protocolOf[protocol] && isOther;
  });
  const needed = ports.length === 0 ? [-1] : ports;
  return needed.every((port) => rules.some((rule) => isOpen(rule, port)));
}

function isOpen({ inputs: { fromPort, toPort } }: GraphResource, port: number): boolean {
  if (fromPort === undefined && toPort === undefined) return port === -1;
  return Number(fromPort) <= port && port <= Number(toPort);
}

function isOfPorts(
  { inputs: { fromPort, toPort } }: GraphResource,
  ports: readonly number[],
): boolean {
  if (ports.length === 0) return fromPort === toPort && (fromPort ?? -1) === -1;
  const [first, last] = [Number(fromPort), Number(toPort)];
  return Array.from({ length: last - first + 1 }, (_, i) => first + i).every((port) =>
    ports.includes(port),
  );
}

/** Whether one network holds all of another. */
const covers = (outer: string, inner: string): boolean => contains(cidrOf(outer), cidrOf(inner));

function missing(
  graph: Graph,
  group: string,
  direction: Direction,
  { protocol, ports, why }: Flow,
  other: string,
): Finding {
  const name = (urn: string): string => urn.split('::').at(-1) ?? urn;
  const found = graph.find(({ urn }) => urn === group);
  const what = `${protocol} ${ports.join(', ')} ${direction === 'egress' ? 'to' : 'from'} ${name(other)}`;
  const subject = found ?? {
    type: 'aws:ec2/securityGroup:SecurityGroup',
    name: name(group),
    urn: group,
  };
  return { resource: subject, problem: `has no rule for ${what.replace('  ', ' ')}: ${why}` };
}
