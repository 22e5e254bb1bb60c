import { addressAt, type Cidr, cidrOf, formatCidr, sizeOf, subnet } from '../cidr.ts';
import type { EnvironmentConfig } from '../config/schema.ts';
import type { NetworkPlan, Role } from './model.ts';

/**
 * Where everything is. The environment's network is cut into sixteen equal subnets: `front`, then one
 * a zone. Each role has a range of its own in each network, so that rules do not change when hosts
 * come and go.
 *
 * On the rig `front` spans zones and holds balancers and the VIP. A subnet of EC2 never does: there
 * balancers are in their zones, and in one `front` only where both must share a subnet. Subnets with
 * a way to the internet, one a zone, are the upper eight sixteenths. Placement `flat` puts brokers
 * into `front` as well; zones are labels of theirs then.
 */
export interface Layout {
  /** All of them, in the order of their use by clients: what balancers are in first. */
  readonly networks: readonly NetworkPlan[];
  /** One a zone, in the order of the config. */
  readonly zones: readonly NetworkPlan[];
  /** Brokers take turns over these. */
  readonly brokerPlaces: readonly Place[];
  /** Balancers take turns over these. */
  readonly balancerPlaces: readonly Place[];
  /** What the holder of the virtual address carries. */
  readonly virtualAddress: string;
  /** Where brokers send answers to clients, where a front end moves such an address too. */
  readonly gatewayAddress: string;
  /** Ranges that hosts of a role, and only they, live in. */
  readonly ranges: Readonly<Record<Role, readonly string[]>>;
  /** Where else brokers of another topology may be, whose messages a swap moves. */
  readonly otherBrokers: readonly string[];
}

interface Place {
  readonly network: string;
  readonly zone: string;
  readonly range: Cidr;
}

/** What decides on places. */
export type Places = Pick<
  EnvironmentConfig,
  | 'network'
  | 'target'
  | 'topology'
  | 'frontEnd'
  | 'haproxyKeepalived'
  | 'lvsKeepalived'
  | 'drbdPacemaker'
  | 'aws'
  | 'domain'
>;

const virtualOffset = 10;
const gatewayOffset = 11;
const brokerAddressOffset = 20;
/** Of the sixteen parts, the one that belongs to the first zone's way to the internet. */
const firstPublicPart = 8;

/** On the loopback of the balancer that holds an Elastic IP, which AWS chooses and translates. */
const elasticSign = '127.0.77.10';

/** Longest prefixes that hold the ranges below. */
export const longestPrefix = { environment: 18, zone: 22, front: 24, public: 26, flat: 22 };

export function layOut(places: Places): Layout {
  const networks = subnetNames(places).map((name) => networkPlan(places, name));
  const zones = networks.filter(({ name }) => name.startsWith('zone-'));
  const brokerPlaces = placesOfBrokers(places, networks);
  const balancerPlaces = placesOfBalancers(places, networks);
  return {
    networks,
    zones,
    brokerPlaces,
    balancerPlaces,
    virtualAddress: virtualAddressOf(places),
    gatewayAddress: gatewayAddressOf(places),
    ranges: {
      monitor: zones.map((zone) => formatCidr(monitorRange(cidrOf(zone.cidr)))),
      broker: [
        ...rangesOf(brokerPlaces),
        ...(sharesBroker(places) ? sharedBrokerRanges(places) : []),
      ],
      quorum: zones.map((zone) => formatCidr(quorumRange(cidrOf(zone.cidr)))),
      balancer: rangesOf(balancerPlaces),
    },
    otherBrokers: sharesBroker(places) || places.target === 'aws' ? [] : sharedBrokerRanges(places),
  };
}

/** Of each network once. */
const rangesOf = (places: readonly Place[]): string[] =>
  [...new Map(places.map(({ network, range }) => [network, range])).values()].map(formatCidr);

/** How the virtual address reaches its holder. */
export const mechanismOf = ({ target, aws }: Places) =>
  target === 'rig' ? 'announced' : aws.virtualAddress.mechanism;

/** Front ends whose two hosts pass a virtual address between them. */
export const hasVirtualAddress = ({ frontEnd }: Pick<Places, 'frontEnd'>): boolean =>
  frontEnd === 'haproxy-keepalived' || frontEnd === 'lvs-keepalived';

/** Whether hosts pass an address between them: balancers their VIP, hosts of one broker the broker's. */
export const movesAddress = ({ frontEnd, topology }: Pick<Places, 'frontEnd' | 'topology'>) =>
  hasVirtualAddress({ frontEnd }) || sharesBroker({ topology });

/** Whether its hosts take turns at one broker. */
const sharesBroker = ({ topology }: Pick<Places, 'topology'>): boolean =>
  topology === 'drbd-pacemaker';

/** Section of the config that the front end's own settings are in. */
export const sectionOf = ({ frontEnd }: Pick<Places, 'frontEnd'>) =>
  frontEnd === 'lvs-keepalived' ? 'lvsKeepalived' : 'haproxyKeepalived';

/** Name by which clients reach a front end whose address AWS chooses. */
export const frontName = ({ domain }: Pick<Places, 'domain'>): string => `rabbitmq.${domain}`;

/** Where clients reach the holder of the virtual address. */
export const frontAddress = (places: Places, { virtualAddress }: Layout): string =>
  mechanismOf(places) === 'elastic-ip' ? frontName(places) : virtualAddress;

function virtualAddressOf(places: Places): string {
  const mechanism = mechanismOf(places);
  if (mechanism === 'overlay') return places.aws.virtualAddress.overlay;
  if (mechanism === 'elastic-ip' || !hasFront(places)) return elasticSign;
  return (
    places[sectionOf(places)].virtualAddress ??
    addressAt(subnetCidr(places.network, 'front'), virtualOffset)
  );
}

const gatewayAddressOf = (places: Places): string =>
  places.lvsKeepalived.gatewayAddress ??
  (hasFront(places) ? addressAt(subnetCidr(places.network, 'front'), gatewayOffset) : elasticSign);

export const isFlat = ({ network }: Pick<Places, 'network'>): boolean =>
  network.placement === 'flat';

/**
 * Whether there is one subnet for both balancers, for both hosts of one broker, and for brokers where
 * placement is flat.
 */
const hasFront = (places: Places): boolean =>
  places.target === 'rig' ||
  isFlat(places) ||
  (movesAddress(places) && mechanismOf(places) === 'secondary-ip');

/** Zones with a subnet that has a way to the internet. */
function publicZones(places: Places): readonly string[] {
  const { target, aws, network } = places;
  if (target === 'rig') return [];
  const balancers = hasVirtualAddress(places) && mechanismOf(places) === 'elastic-ip' ? 2 : 0;
  const nat = natOf(aws);
  const gateways = nat === 'per-zone' ? network.zones.length : nat === 'one' ? 1 : 0;
  return network.zones.slice(0, Math.max(balancers, gateways));
}

/** Undefined in a VPC of the user's own. */
export const natOf = ({ nat, vpc }: Places['aws']): 'none' | 'one' | 'per-zone' | undefined =>
  vpc.id === undefined ? (nat ?? 'one') : undefined;

/** Names in the config of the subnets that there are: `front`, zones, `public-` and a zone. */
export const subnetNames = (places: Places): string[] => [
  ...(hasFront(places) ? ['front'] : []),
  ...places.network.zones,
  ...publicZones(places).map((zone) => `public-${zone}`),
];

function networkPlan({ network }: Places, name: string): NetworkPlan {
  const cidr = subnetCidr(network, name);
  const zone = network.zones.find((each) => name === each || name === `public-${each}`);
  return {
    name: zone === name ? `zone-${zone}` : name,
    zone,
    cidr: formatCidr(cidr),
    gateway: addressAt(cidr, 1),
  };
}

/** @param name as in `subnetNames` */
export function subnetCidr({ cidr, subnets, zones }: Places['network'], name: string): Cidr {
  const stated = subnets[name];
  if (stated !== undefined) return cidrOf(stated);
  const whole = cidrOf(cidr);
  return subnet(whole, whole.prefix + 4, partOf(name, zones));
}

function partOf(name: string, zones: readonly string[]): number {
  if (name === 'front') return 0;
  const zone = zones.indexOf(name);
  return zone >= 0 ? zone + 1 : firstPublicPart + zones.indexOf(name.replace(/^public-/, ''));
}

function placesOfBrokers(places: Places, networks: readonly NetworkPlan[]): Place[] {
  const { zones } = places.network;
  const front = networks.find(({ name }) => name === 'front');
  if (isFlat(places) && front !== undefined) {
    const range = brokerRange(cidrOf(front.cidr));
    return labelsOf(places, zones).map((zone) => ({ network: front.name, zone, range }));
  }
  return networks.flatMap(({ name, zone, cidr }) =>
    zone !== undefined && name.startsWith('zone-')
      ? [{ network: name, zone, range: brokerRange(cidrOf(cidr)) }]
      : [],
  );
}

/** Zones of hosts in `front`: a subnet of EC2 is in one zone, the rig's in all. */
export const labelsOf = ({ target }: Places, zones: readonly string[]): readonly string[] =>
  target === 'rig' ? zones : zones.slice(0, 1);

function placesOfBalancers(places: Places, networks: readonly NetworkPlan[]): Place[] {
  const { zones } = places.network;
  const front = networks.find(({ name }) => name === 'front');
  if (front !== undefined) {
    const range = balancerRange(cidrOf(front.cidr));
    return labelsOf(places, zones).map((zone) => ({ network: front.name, zone, range }));
  }
  const elastic = hasVirtualAddress(places) && mechanismOf(places) === 'elastic-ip';
  const prefix = elastic ? 'public-' : 'zone-';
  return networks.flatMap(({ name, zone, cidr }) =>
    zone !== undefined && name.startsWith(prefix)
      ? [{ network: name, zone, range: lastQuarter(cidrOf(cidr)) }]
      : [],
  );
}

/** The second quarter of a network: 10.77.20.0/22 in 10.77.16.0/20. */
export const brokerRange = (network: Cidr): Cidr => subnet(network, network.prefix + 2, 1);

/** The third quarter of a zone: 10.77.24.0/22 in 10.77.16.0/20. */
export const monitorRange = (zone: Cidr): Cidr => subnet(zone, zone.prefix + 2, 2);

/** Where balancers are in a network of one zone: 10.77.28.0/22 in 10.77.16.0/20. */
const lastQuarter = (network: Cidr): Cidr => subnet(network, network.prefix + 2, 3);

/** The fourth sixteenth of a zone: 10.77.19.0/24 in 10.77.16.0/20. */
export const quorumRange = (zone: Cidr): Cidr => subnet(zone, zone.prefix + 4, 3);

/** The second sixteenth of the front network: 10.77.1.0/24 in 10.77.0.0/20. */
export const balancerRange = (front: Cidr): Cidr => subnet(front, front.prefix + 4, 1);

/** The third sixteenth of the front network: 10.77.2.0/24 in 10.77.0.0/20. */
export const frontBrokerRange = (front: Cidr): Cidr => subnet(front, front.prefix + 4, 2);

/** Where hosts are that pass one broker's address between them, and that address. */
function sharedBrokerRanges(places: Places): string[] {
  const address = `${brokerAddressOf(places)}/32`;
  if (!hasFront(places)) return [address];
  return [formatCidr(frontBrokerRange(subnetCidr(places.network, 'front'))), address];
}

/** Of `drbd-pacemaker` on EC2, where no subnet spans zones, unless stated. */
const overlayBrokerAddress = '10.255.255.20';

/** Address that the one broker of `drbd-pacemaker` takes along from host to host. */
export const brokerAddressOf = (places: Places): string =>
  places.drbdPacemaker.virtualAddress ??
  (mechanismOf(places) === 'overlay'
    ? overlayBrokerAddress
    : addressAt(subnetCidr(places.network, 'front'), brokerAddressOffset));

/**
 * Addresses of a network that no host may take: its own, the router's and the broadcast; in a subnet of
 * EC2 also the resolver's and the one after it.
 */
export const reservedAddresses = (
  { target }: Pick<Places, 'target'>,
  network: Cidr,
): readonly string[] =>
  [0, 1, ...(target === 'aws' ? [2, 3] : []), sizeOf(network) - 1].map((offset) =>
    addressAt(network, offset),
  );
