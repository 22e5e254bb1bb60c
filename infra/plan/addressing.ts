import { addressAt, type Cidr, cidrOf, formatCidr, sizeOf, subnet } from '../cidr.ts';
import type { NetworkConfig } from '../config/schema.ts';
import type { NetworkPlan, Role } from './model.ts';

/**
 * Where everything is. The environment's network is cut into sixteen equal subnets: `front`, which
 * spans zones and holds balancers and the VIP, then one a zone. Each role has a range of its own in
 * each network, so that rules do not change when hosts come and go.
 */
export interface Layout {
  readonly front: NetworkPlan;
  /** One a zone, in the order of the config. */
  readonly zones: readonly NetworkPlan[];
  readonly virtualAddress: string;
  /** Ranges that hosts of a role, and only they, live in. */
  readonly ranges: Readonly<Record<Role, readonly string[]>>;
}

/** Where a kind of broker is numbered from: old and new stand side by side during a swap. */
export type BrokerBlock = 'cluster' | 'mirrored' | 'warren';

const blockStart: Readonly<Record<BrokerBlock, number>> = {
  cluster: 11,
  mirrored: 101,
  warren: 201,
};
const balancerStart = 11;
const monitorStart = 11;
const virtualOffset = 10;

/** Longest prefixes that hold the ranges below. */
export const longestPrefix = { environment: 18, zone: 22, front: 24 };

/** @param virtualAddress stated by hand; undefined for the tenth of the front network */
export function layOut(network: NetworkConfig, virtualAddress: string | undefined): Layout {
  const front = frontCidr(network);
  const zones = network.zones.map((zone, index) => {
    const cidr = zoneCidr(network, zone, index);
    return networkPlan(`zone-${zone}`, zone, cidr);
  });
  return {
    front: networkPlan('front', undefined, front),
    zones,
    virtualAddress: virtualAddress ?? addressAt(front, virtualOffset),
    ranges: {
      monitor: zones.map((zone) => formatCidr(monitorRange(cidrOf(zone.cidr)))),
      broker: zones.map((zone) => formatCidr(brokerRange(cidrOf(zone.cidr)))),
      balancer: [formatCidr(balancerRange(front))],
    },
  };
}

const networkPlan = (name: string, zone: string | undefined, cidr: Cidr): NetworkPlan => ({
  name,
  zone,
  cidr: formatCidr(cidr),
  gateway: addressAt(cidr, 1),
});

export const frontCidr = ({ cidr, subnets }: NetworkConfig): Cidr =>
  subnets['front'] === undefined ? part(cidr, 0) : cidrOf(subnets['front']);

export const zoneCidr = ({ cidr, subnets }: NetworkConfig, zone: string, index: number): Cidr => {
  const stated = subnets[zone];
  return stated === undefined ? part(cidr, index + 1) : cidrOf(stated);
};

const part = (cidr: string, index: number): Cidr => {
  const whole = cidrOf(cidr);
  return subnet(whole, whole.prefix + 4, index);
};

/** The second quarter of a zone: 10.77.20.0/22 in 10.77.16.0/20. */
const brokerRange = (zone: Cidr): Cidr => subnet(zone, zone.prefix + 2, 1);

/** The third quarter of a zone: 10.77.24.0/22 in 10.77.16.0/20. */
const monitorRange = (zone: Cidr): Cidr => subnet(zone, zone.prefix + 2, 2);

/** The second sixteenth of the front network: 10.77.1.0/24 in 10.77.0.0/20. */
export const balancerRange = (front: Cidr): Cidr => subnet(front, front.prefix + 4, 1);

export interface Seat {
  readonly network: string;
  readonly zone: string;
  readonly address: string;
}

/** Place of the `index`-th broker of a block; zones take turns. */
export function brokerSeat(layout: Layout, block: BrokerBlock, index: number): Seat {
  const zone = layout.zones[index % layout.zones.length];
  if (zone?.zone === undefined) throw new RangeError('an environment needs at least one zone');
  const range = brokerRange(cidrOf(zone.cidr));
  const offset = blockStart[block] + Math.floor(index / layout.zones.length);
  return { network: zone.name, zone: zone.zone, address: addressAt(range, offset) };
}

/** Place of the `index`-th balancer: in the front network, labelled with a zone. */
export function balancerSeat(layout: Layout, index: number): Seat {
  const zone = layout.zones[index % layout.zones.length]?.zone;
  if (zone === undefined) throw new RangeError('an environment needs at least one zone');
  const address = balancerAddress(cidrOf(layout.front.cidr), index);
  return { network: layout.front.name, zone, address };
}

/** Place of the monitor: in the last zone, where a topology of two has no broker. */
export function monitorSeat(layout: Layout): Seat {
  const zone = layout.zones.at(-1);
  if (zone?.zone === undefined) throw new RangeError('an environment needs at least one zone');
  const address = addressAt(monitorRange(cidrOf(zone.cidr)), monitorStart);
  return { network: zone.name, zone: zone.zone, address };
}

export const balancerAddress = (front: Cidr, index: number): string =>
  addressAt(balancerRange(front), balancerStart + index);

/** Addresses of a network that no host may take: its own, the router's and the broadcast. */
export const reservedAddresses = (network: Cidr): readonly string[] =>
  [0, 1, sizeOf(network) - 1].map((offset) => addressAt(network, offset));
