/**
 * Security groups and their rules, out of the plan's flows and nothing else. Pure: groups are named, not
 * made. Rules between groups name the other group, so that hosts may come and go; addresses stand
 * only for what is outside of the environment.
 */
import { addressOf, cidrOf, containsAddress } from '../../cidr.ts';
import type { EnvironmentPlan, Flow, FlowEnd } from '../../plan/model.ts';

/** A role, or who else has a group of its own: interface endpoints, the Instance Connect Endpoint. */
export type GroupName = string;

export interface GroupRule {
  /** Unique among the rules of the environment, and the same as long as the rule is. */
  readonly name: string;
  readonly group: GroupName;
  readonly direction: 'ingress' | 'egress';
  readonly peer: Peer;
  /** As EC2 names it: a word, or a number for protocols that have none. */
  readonly protocol: string;
  /** First and last port; for ICMP -1, every type; undefined for protocols without either. */
  readonly ports: PortRange | undefined;
  /** Of every flow that it stands for. */
  readonly why: readonly string[];
}

export type Peer =
  | { readonly kind: 'group'; readonly group: GroupName }
  | { readonly kind: 'cidr'; readonly cidr: string };

export type PortRange = readonly [first: number, last: number];

type Site = Pick<EnvironmentPlan, 'flows' | 'aws'>;

const protocols: Readonly<Record<Flow['protocol'], string>> = {
  tcp: 'tcp',
  udp: 'udp',
  icmp: 'icmp',
  vrrp: '112',
  ipip: '4',
};

/** Every rule once, in the order of the flows. */
export function groupRules(plan: Site): GroupRule[] {
  const rules = new Map<string, GroupRule>();
  for (const rule of plan.flows.flatMap((flow) => rulesOf(plan, flow))) {
    const same = rules.get(rule.name);
    const why = [...new Set([...(same?.why ?? []), ...rule.why])];
    rules.set(rule.name, { ...rule, why });
  }
  return [...rules.values()];
}

/** Groups that the rules name. */
export const groupsOf = (rules: readonly GroupRule[]): GroupName[] => [
  ...new Set(
    rules.flatMap(({ group, peer }) => [group, ...(peer.kind === 'group' ? [peer.group] : [])]),
  ),
];

/** What lets one flow pass: out of the one end's group, and into the other's. */
export function rulesOf(plan: Site, flow: Flow): GroupRule[] {
  if (isUngoverned(flow.from) || isUngoverned(flow.to)) return [];
  const [from, to] = [groupOf(plan, flow.from), groupOf(plan, flow.to)];
  const make = (
    direction: GroupRule['direction'],
    group: GroupName | undefined,
    peers: readonly Peer[],
  ): GroupRule[] =>
    group === undefined
      ? []
      : peers.flatMap((peer) =>
          portRanges(flow).map((ports) => rule(group, direction, peer, flow, ports)),
        );
  return [
    ...make('egress', from, peersOf(plan, flow.to, to)),
    // A group stands for addresses of network interfaces, whatever address they were reached by.
    ...make('ingress', to, from === undefined ? cidrs(flow.from.ranges) : [groupPeer(from)]),
  ];
}

const isUngoverned = (end: FlowEnd): boolean => end.kind === 'outside' && end.ungoverned === true;

/** Undefined for ends that are networks: they have no group that rules could name. */
function groupOf({ aws }: Site, end: FlowEnd): GroupName | undefined {
  if (end.kind === 'role') return end.role;
  if (end.name === 'operators') return aws?.access.network === undefined ? undefined : 'operators';
  const hasEndpoints = (aws?.vpc.endpoints.length ?? 0) > 0;
  return end.name === 'aws-apis' && hasEndpoints ? 'endpoints' : undefined;
}

/**
 * A virtual address outside of the VPC is no address of a network interface: the way to it has to be
 * opened by the address.
 */
function peersOf({ aws }: Site, end: FlowEnd, group: GroupName | undefined): Peer[] {
  if (group === undefined) return cidrs(end.ranges);
  if (end.kind === 'outside') return [groupPeer(group)];
  const inside = (range: string): boolean =>
    aws === undefined ||
    containsAddress(cidrOf(aws.vpc.cidr), addressOf(range.split('/')[0] ?? ''));
  return [groupPeer(group), ...cidrs(end.ranges.filter((range) => !inside(range)))];
}

const groupPeer = (group: GroupName): Peer => ({ kind: 'group', group });
const cidrs = (ranges: readonly string[]): Peer[] =>
  ranges.map((cidr) => ({ kind: 'cidr', cidr: cidr.includes('/') ? cidr : `${cidr}/32` }));

function portRanges({ protocol, ports }: Flow): (PortRange | undefined)[] {
  if (protocol === 'icmp') return [[-1, -1]];
  if (protocol === 'vrrp' || protocol === 'ipip') return [undefined];
  const ranges: [number, number][] = [];
  for (const port of ports.toSorted((left, right) => left - right)) {
    const last = ranges.at(-1);
    if (last !== undefined && port <= last[1] + 1) last[1] = port;
    else ranges.push([port, port]);
  }
  return ranges;
}

function rule(
  group: GroupName,
  direction: GroupRule['direction'],
  peer: Peer,
  { protocol, why }: Flow,
  ports: PortRange | undefined,
): GroupRule {
  const other = peer.kind === 'group' ? peer.group : peer.cidr.replace('/', '-');
  const [first, last] = ports ?? [];
  const service =
    first === undefined || first < 0
      ? protocol
      : `${protocol}-${first}${last === first ? '' : `-${last}`}`;
  const [inOut, fromTo] = direction === 'ingress' ? ['in', 'from'] : ['out', 'to'];
  return {
    name: `${group}-${inOut}-${service}-${fromTo}-${other}`,
    group,
    direction,
    peer,
    protocol: protocols[protocol],
    ports,
    why: [why],
  };
}

/** EC2 takes few characters in descriptions, and at most 255. */
export const descriptionOf = ({ why }: Pick<GroupRule, 'why'>): string =>
  why
    .join('; ')
    .replaceAll(/[^a-zA-Z0-9 ._\-:/()#,@[\]+=&;{}!$*]/g, ' ')
    .slice(0, 255);
