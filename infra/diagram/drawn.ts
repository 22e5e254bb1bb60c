import { showSize } from '../config/rules/rule.ts';
import type { EnvironmentPlan, Flow, FlowEnd, HostPlan, NetworkPlan } from '../plan/model.ts';

/** A box of a role's row: a host, or the foot of a load balancer of AWS in one zone. */
export interface DrawnHost extends Pick<
  HostPlan,
  'name' | 'zone' | 'network' | 'address' | 'labels' | 'roles'
> {
  /** What it is made of, in one line. */
  readonly note: string;
}

/** Hosts of the plan; then load balancers, which are no hosts, by their addresses. */
export function drawnHosts(plan: EnvironmentPlan): DrawnHost[] {
  const zones = new Map(plan.networks.map(({ name, zone }) => [name, zone ?? '']));
  const feet = (plan.aws?.loadBalancers ?? []).flatMap(({ role, places }) =>
    places.map(({ network, address }) => ({
      name: 'NLB',
      zone: zones.get(network) ?? '',
      ...{ network, address, labels: {}, roles: [role], note: 'one address a zone' },
    })),
  );
  return [...plan.hosts.map((host) => ({ ...host, note: noteOf(plan, host) })), ...feet];
}

function noteOf({ aws }: EnvironmentPlan, { name, memoryMiB, volumes }: HostPlan): string {
  const data = volumes.map(({ sizeGiB }) => `${sizeGiB} GiB data`);
  const memory = `${showSize(memoryMiB).replace(/[A-Z]/, ' $&')} memory`;
  return [aws?.hosts[name]?.type ?? memory, ...data].join(', ');
}

/** Networks in which hosts may stand: on aws gateways have some of their own. */
export const drawnNetworks = ({ networks, aws }: EnvironmentPlan): NetworkPlan[] =>
  networks.filter(({ name }) => aws?.subnets[name]?.reach !== 'public');

/** What every host of AWS has is told below the picture. */
export const isDrawn = ({ from, to, protocol }: Flow): boolean =>
  protocol !== 'icmp' && isOfThePicture(from) && isOfThePicture(to);

const isOfThePicture = (end: FlowEnd): boolean => end.kind === 'role' || end.name === 'clients';

const surroundings = {
  'vpc-services': 'metadata, names and time of the VPC',
  'aws-apis': 'APIs of AWS',
  'package-mirrors': 'package mirrors',
} as const;

/** The rest, in words; empty where all is drawn. */
export function undrawnText({ flows }: EnvironmentPlan): string {
  const outside = new Set(
    flows.flatMap(({ from, to }) =>
      [from, to].flatMap((end) => (end.kind === 'outside' ? [end.name] : [])),
    ),
  );
  const reached = (Object.keys(surroundings) as (keyof typeof surroundings)[]).filter((name) =>
    outside.has(name),
  );
  const words = reached.map((name) => surroundings[name]);
  const list = [words.slice(0, -1).join(', '), ...words.slice(-1)].filter(Boolean).join(' and ');
  return [
    ...(list === '' ? [] : [`Every host reaches ${list}. `]),
    ...(outside.has('operators') ? ['Shells come through the Instance Connect Endpoint. '] : []),
  ].join('');
}
