/**
 * How often the payload of a message crosses from one availability zone into another. Expected values,
 * on the assumption that clients stand in the brokers' zones alike, and that connections and queues are
 * spread over the brokers alike.
 */
import type { EnvironmentConfig } from '../../config/schema.ts';
import { majority } from '../../plan/mirroring.ts';
import type { EnvironmentPlan, HostPlan } from '../../plan/model.ts';
import { mirrorsQueues } from '../../plan/topologies/index.ts';

/** A part of the way of a message that is published once and consumed once. */
export interface Hop {
  readonly what: string;
  /** Times that it is passed, all together, from zone to zone. */
  readonly crossings: number;
}

/** Zones of equal things, one entry each: what stands in them is chosen at random. */
type Zones = readonly string[];

/** Members of a quorum queue unless its client or a policy asks for more: RabbitMQ's own default. */
const quorumMembers = 3;

export function hopsOf(config: EnvironmentConfig, plan: EnvironmentPlan): Hop[] {
  const brokers = plan.hosts.filter(({ roles }) => roles.includes('broker'));
  // Of a warren the first one serves; nothing is sent to the other.
  const serving = zonesOf(plan.clustered ? brokers : brokers.slice(0, 1));
  const clients = [...new Set(zonesOf(brokers))];
  return [...frontHops(plan, clients, serving), ...clusterHops(config, plan, serving)].filter(
    ({ crossings }) => crossings > 0,
  );
}

/** Whether clients come over the internet: then their side of the way is no other zone. */
export const leavesAws = ({ aws }: EnvironmentPlan): boolean =>
  aws?.virtualAddresses.some(({ mechanism }) => mechanism === 'elastic-ip') ?? false;

/** There and back: a payload passes the front end when it is published and when it is consumed. */
function frontHops(plan: EnvironmentPlan, clients: Zones, brokers: Zones): Hop[] {
  const front = frontZones(plan);
  if (front.length === 0) {
    return [{ what: 'between clients and brokers', crossings: 2 * differing(clients, brokers) }];
  }
  return [
    ...(leavesAws(plan)
      ? []
      : [{ what: 'between clients and the front end', crossings: 2 * differing(clients, front) }]),
    { what: 'between the front end and brokers', crossings: 2 * differing(front, brokers) },
  ];
}

/** Where clients' connections end before the brokers: at a load balancer's addresses, or at one host. */
function frontZones(plan: EnvironmentPlan): Zones {
  const zoneOf = new Map(plan.networks.map(({ name, zone }) => [name, zone ?? '']));
  const places = plan.aws?.loadBalancers.flatMap((balancer) => balancer.places) ?? [];
  if (places.length > 0) return places.map(({ network }) => zoneOf.get(network) ?? '');
  // That of the front end is the first; all that it has are with one host.
  const holders = plan.virtualAddresses[0]?.holders.slice(0, 1) ?? [];
  return zonesOf(plan.hosts.filter(({ name }) => holders.includes(name)));
}

function clusterHops(config: EnvironmentConfig, plan: EnvironmentPlan, brokers: Zones): Hop[] {
  if (plan.oneBroker) return diskHops(plan);
  if (!plan.clustered) return [];
  return mirrorsQueues(plan.topology)
    ? mirroredHops(mirrorsOf(config), brokers)
    : quorumHops(Math.min(quorumMembers, brokers.length), brokers);
}

/** A payload is written once, on both hosts that the disk is on. */
const diskHops = ({ hosts }: EnvironmentPlan): Hop[] => [
  {
    what: 'to the other copy of the disk',
    crossings: differingPair(zonesOf(hosts.filter(({ roles }) => roles.includes('broker')))),
  },
];

/** Raft: the leader sends every entry to each follower. Consumers are served by a member on their own broker. */
function quorumHops(members: number, brokers: Zones): Hop[] {
  const without = 1 - members / brokers.length;
  return [
    { what: 'from a publisher’s broker to the leader', crossings: differing(brokers, brokers) },
    { what: 'from the leader to its followers', crossings: (members - 1) * differingPair(brokers) },
    {
      what: 'to consumers on brokers without a member',
      crossings: without * differingPair(brokers),
    },
  ];
}

/**
 * The publisher's channel sends to the master and to every mirror; besides, the message goes once around
 * the ring of them all. Consumers are served by the master.
 */
function mirroredHops(copies: number, brokers: Zones): Hop[] {
  const any = differing(brokers, brokers);
  return [
    { what: 'from a publisher’s broker to every copy', crossings: copies * any },
    {
      what: 'around the ring of copies',
      crossings: copies > 1 ? copies * differingPair(brokers) : 0,
    },
    { what: 'from the master to a consumer’s broker', crossings: any },
  ];
}

function mirrorsOf({ mirroredCluster }: EnvironmentConfig): number {
  const { brokers, policy } = mirroredCluster;
  if (policy.haMode === 'all') return brokers;
  const { haParams } = policy;
  return typeof haParams === 'object' ? haParams.length : (haParams ?? majority(brokers));
}

const zonesOf = (hosts: readonly HostPlan[]): Zones => hosts.map(({ zone }) => zone);

/** Probability that one of these and one of those, each chosen by itself, are in different zones. */
function differing(one: Zones, other: Zones): number {
  const same = one.flatMap((zone) => other.filter((each) => each === zone));
  return 1 - same.length / (one.length * other.length);
}

/** The same of two different ones of the same. */
function differingPair(zones: Zones): number {
  const pairs = zones.length * (zones.length - 1);
  return pairs === 0 ? 0 : (differing(zones, zones) * zones.length ** 2) / pairs;
}
