import { addressAt, cidrOf } from '../cidr.ts';
import {
  frontBrokerRange,
  labelsOf,
  type Layout,
  monitorRange,
  type Places,
  quorumRange,
} from './addressing.ts';

const balancerStart = 11;
const monitorStart = 11;
const quorumStart = 11;

/** Where one host is. */
export interface Seat {
  readonly network: string;
  readonly zone: string;
  readonly address: string;
}

/**
 * Place of the `index`-th broker of a topology; zones take turns.
 * @param firstSeat where the topology's brokers are numbered from in each network
 */
export function brokerSeat(layout: Layout, firstSeat: number, index: number): Seat {
  const { brokerPlaces } = layout;
  const place = brokerPlaces[index % brokerPlaces.length];
  if (place === undefined) throw new RangeError('an environment needs at least one zone');
  const { network, zone, range } = place;
  const networks = new Set(brokerPlaces.map((each) => each.network));
  const offset = firstSeat + Math.floor(index / networks.size);
  return { network, zone, address: addressAt(range, offset) };
}

/**
 * Place of the `index`-th host that shares a broker: in the network that the broker's address is of; where
 * that is of none, in a zone of its own.
 */
export function sharedBrokerSeat(
  places: Places,
  layout: Layout,
  firstSeat: number,
  index: number,
): Seat {
  const front = layout.networks.find(({ name }) => name === 'front');
  if (front === undefined) return brokerSeat(layout, firstSeat, index);
  const zones = labelsOf(places, places.network.zones);
  const zone = zones[index % zones.length];
  if (zone === undefined) throw new RangeError('an environment needs at least one zone');
  const address = addressAt(frontBrokerRange(cidrOf(front.cidr)), firstSeat + index);
  return { network: front.name, zone, address };
}

/** Place of the quorum device: in the last zone, where neither of two hosts is. */
export function quorumSeat(layout: Layout): Seat {
  const zone = layout.zones.at(-1);
  if (zone?.zone === undefined) throw new RangeError('an environment needs at least one zone');
  const address = addressAt(quorumRange(cidrOf(zone.cidr)), quorumStart);
  return { network: zone.name, zone: zone.zone, address };
}

/** Place of the `index`-th balancer; each has a number of its own, wherever it is. */
export function balancerSeat({ balancerPlaces }: Layout, index: number): Seat {
  const place = balancerPlaces[index % balancerPlaces.length];
  if (place === undefined) throw new RangeError('an environment needs at least one zone');
  const { network, zone, range } = place;
  return { network, zone, address: addressAt(range, balancerStart + index) };
}

/** One place in each network of balancers, for what stands in all of them. */
export const balancerSeats = (layout: Layout): Seat[] =>
  layout.balancerPlaces.map((_, index) => balancerSeat(layout, index));

/** Place of the monitor: in the third zone, where a topology of two has no broker, or in the last. */
export function monitorSeat(layout: Layout): Seat {
  const zone = layout.zones.slice(0, 3).at(-1);
  if (zone?.zone === undefined) throw new RangeError('an environment needs at least one zone');
  const address = addressAt(monitorRange(cidrOf(zone.cidr)), monitorStart);
  return { network: zone.name, zone: zone.zone, address };
}
