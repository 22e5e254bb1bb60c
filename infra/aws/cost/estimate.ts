import type { GraphResource } from '../checks/graph.ts';
import { type Charge, chargesOf } from './charges.ts';
import { instanceHour, type PriceTable, type RateName } from './prices.ts';
import type { Hop } from './traffic.ts';

/** AWS's own average month. */
export const hoursPerMonth = 730;
const secondsPerHour = 3600;
/** Should AWS count in powers of two, the figures are 7 % too high. */
const bytesPerGb = 1e9;

/** One resource's charge, or one of its charges. */
export interface CostLine {
  /** Name of the Pulumi resource. */
  readonly resource: string;
  readonly type: string;
  /** For people, e.g. `m7g.large` or `data volume, gp3`. */
  readonly what: string;
  readonly quantity: number;
  readonly unit: 'hours' | 'GB-months' | 'months';
  /** Dollars of one unit. */
  readonly usd: number;
  readonly usdPerMonth: number;
  /** Where to look the price up. */
  readonly source: string;
}

/** What depends on use. */
export interface UsageLine {
  readonly what: string;
  /** In words, with the price in it. */
  readonly formula: string;
  /** Undefined where nothing was said of the use. */
  readonly usdPerMonth: number | undefined;
  readonly source: string;
}

export interface Estimate {
  readonly stack: string;
  /** Where the stack is. */
  readonly stackRegion: string;
  /** Whose prices these are. */
  readonly region: string;
  /** Day of the price table, ISO 8601. */
  readonly pricesOf: string;
  readonly hoursPerMonth: number;
  readonly lines: readonly CostLine[];
  readonly usage: readonly UsageLine[];
  /** Where a payload crosses from zone to zone. */
  readonly crossings: readonly Hop[];
  readonly traffic: MessageTraffic | undefined;
  /** All of the above that is known. */
  readonly usdPerMonth: number;
}

export interface MessageTraffic {
  /** Messages a second, published and consumed once each. */
  readonly rate: number;
  /** Bytes of payload. */
  readonly size: number;
}

/** What an estimate is made of. */
export interface Bill {
  readonly stack: string;
  readonly region: string;
  readonly resources: readonly Pick<GraphResource, 'type' | 'name' | 'inputs'>[];
  readonly hops: readonly Hop[];
  /** Whether what consumers get leaves AWS. */
  readonly toInternet: boolean;
}

export interface Assumptions {
  readonly traffic: MessageTraffic | undefined;
  /** GB a month through NAT gateways. */
  readonly natGb: number | undefined;
  /** Dollars an hour by instance type, in place of the table's. */
  readonly instancePrices: Readonly<Record<string, number>>;
}

export function estimate(bill: Bill, table: PriceTable, assumed: Assumptions): Estimate {
  const lines = bill.resources.flatMap((resource) =>
    chargesOf(resource).map((charge) => lineOf(resource, charge, table, assumed.instancePrices)),
  );
  const usage = usageOf(bill, table, assumed);
  return {
    stack: bill.stack,
    stackRegion: bill.region,
    region: table.region,
    pricesOf: table.date,
    hoursPerMonth,
    lines,
    usage,
    crossings: bill.hops,
    traffic: assumed.traffic,
    usdPerMonth: sum([...lines, ...usage].map(({ usdPerMonth }) => usdPerMonth ?? 0)),
  };
}

const titles: Readonly<Record<RateName, string>> = {
  gp3GbMonth: 'gp3',
  natGatewayHour: 'NAT gateway',
  natGatewayGb: 'data through NAT gateways',
  publicAddressHour: 'public IPv4 address',
  interfaceEndpointHour: 'interface endpoint, by zone',
  loadBalancerHour: 'Network Load Balancer',
  loadBalancerUnitHour: 'capacity units of the load balancer',
  keyMonth: 'KMS key',
  hostedZoneMonth: 'private hosted zone',
  betweenZonesGb: 'messages between zones',
  internetGb: 'messages to the internet',
};

function lineOf(
  { name, type }: Pick<GraphResource, 'type' | 'name'>,
  charge: Charge,
  table: PriceTable,
  given: Assumptions['instancePrices'],
): CostLine {
  const resource = { resource: name, type };
  if (charge.kind === 'instance') {
    const usd = instanceHour(table, charge.type, given);
    return {
      ...resource,
      what: charge.type,
      ...monthOf('hours', hoursPerMonth, usd),
      source: table.instances.source,
    };
  }
  const { usd, source } = table.rates[charge.rate];
  const title = titles[charge.rate];
  const what = charge.of === 'resource' ? title : `${charge.of}, ${title}`;
  const [unit, quantity] = unitOf(charge);
  return { ...resource, what, ...monthOf(unit, quantity, usd), source };
}

function unitOf({ rate, quantity }: Charge & { kind: 'rate' }): [CostLine['unit'], number] {
  if (rate.endsWith('Hour')) return ['hours', quantity * hoursPerMonth];
  return [rate === 'gp3GbMonth' ? 'GB-months' : 'months', quantity];
}

const monthOf = (
  unit: CostLine['unit'],
  quantity: number,
  usd: number,
): Pick<CostLine, 'unit' | 'quantity' | 'usd' | 'usdPerMonth'> => ({
  unit,
  quantity,
  usd,
  usdPerMonth: quantity * usd,
});

function usageOf(bill: Bill, { rates }: PriceTable, assumed: Assumptions): UsageLine[] {
  const { traffic, natGb } = assumed;
  const has = (type: string): boolean => bill.resources.some((each) => each.type === type);
  const payload = traffic === undefined ? undefined : gbPerMonth(traffic);
  const line = (rate: RateName, formula: string, units: number | undefined): UsageLine => ({
    what: titles[rate],
    formula,
    usdPerMonth: units === undefined ? undefined : units * rates[rate].usd,
    source: rates[rate].source,
  });
  const crossings = sum(bill.hops.map((hop) => hop.crossings));
  const times = (factor: number): number | undefined => payload && payload * factor;
  const price = (rate: RateName): string => `$${rates[rate].usd}`;
  const lines: UsageLine[] = [];
  if (has('aws:lb/loadBalancer:LoadBalancer')) {
    const formula = `2 x GB of payload x ${price('loadBalancerUnitHour')}, or more for many connections`;
    // A unit is a gigabyte an hour, so that units times hours are gigabytes.
    lines.push(line('loadBalancerUnitHour', formula, times(2)));
  }
  if (crossings > 0) {
    const formula = `${crossings.toFixed(2)} x GB of payload x ${price('betweenZonesGb')}`;
    lines.push(line('betweenZonesGb', formula, times(crossings)));
  }
  if (bill.toInternet) {
    lines.push(line('internetGb', `GB of payload x ${price('internetGb')}`, times(1)));
  }
  if (has('aws:ec2/natGateway:NatGateway')) {
    lines.push(line('natGatewayGb', `GB x ${price('natGatewayGb')}`, natGb));
  }
  return lines;
}

/** Payload that is published in a month. */
export const gbPerMonth = ({ rate, size }: MessageTraffic): number =>
  (rate * size * secondsPerHour * hoursPerMonth) / bytesPerGb;

const sum = (values: readonly number[]): number => values.reduce((total, each) => total + each, 0);
