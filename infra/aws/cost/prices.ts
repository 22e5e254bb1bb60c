import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { UserError } from '../../errors.ts';
import { suggest } from '../../suggest.ts';

const rate = z.strictObject({ usd: z.number().nonnegative(), source: z.url() });

const rateNames = [
  'gp3GbMonth',
  'natGatewayHour',
  'natGatewayGb',
  'publicAddressHour',
  'interfaceEndpointHour',
  'loadBalancerHour',
  'loadBalancerUnitHour',
  'keyMonth',
  'hostedZoneMonth',
  'betweenZonesGb',
  'internetGb',
] as const;

export type RateName = (typeof rateNames)[number];

const priceTable = z.strictObject({
  region: z.string(),
  /** The day on which it was written, ISO 8601. */
  date: z.iso.date(),
  instances: z.strictObject({
    source: z.url(),
    /** By family. */
    largeHour: z.record(z.string(), z.number().positive()),
  }),
  rates: z.record(z.enum(rateNames), rate),
});

/** What things cost in one region, in US dollars. */
export type PriceTable = z.infer<typeof priceTable>;

const folder = join(import.meta.dirname, 'prices');

/** Regions that have a table, sorted. */
export const pricedRegions = (): string[] =>
  readdirSync(folder)
    .flatMap((file) => /^(.+)\.yaml$/.exec(file)?.[1] ?? [])
    .sort();

/** Stands in for regions without a table: the region that most price lists begin with. */
const referenceRegion = 'us-east-1';

/** The region's own table, or that of the reference region where it has none. */
export const pricesFor = (region: string): PriceTable =>
  pricesOf(pricedRegions().includes(region) ? region : referenceRegion);

/** @throws UserError with the regions that are known when this one is not among them */
export function pricesOf(region: string): PriceTable {
  const known = pricedRegions();
  if (!known.includes(region)) {
    throw new UserError({
      what: 'no prices are known for the region',
      value: region,
      allowed: known,
      fix: `--region ${known[0] ?? ''} says what the same environment costs there`,
    });
  }
  return priceTable.parse(parse(readFileSync(join(folder, `${region}.yaml`), 'utf8')));
}

/** What a size has of everything, in parts of what `large` has. */
const sizes: Readonly<Record<string, number>> = {
  nano: 1 / 16,
  micro: 1 / 8,
  small: 1 / 4,
  medium: 1 / 2,
  large: 1,
  xlarge: 2,
  '2xlarge': 4,
  '4xlarge': 8,
  '8xlarge': 16,
  '12xlarge': 24,
  '16xlarge': 32,
  '24xlarge': 48,
};

/**
 * Dollars an hour of an instance.
 * @param given prices by type that the table does not have, or that are the user's own
 * @throws UserError for a type that neither has
 */
export function instanceHour(
  { instances: { largeHour }, region }: PriceTable,
  type: string,
  given: Readonly<Record<string, number>> = {},
): number {
  const own = given[type];
  if (own !== undefined) return own;
  const [family = '', size = ''] = type.split('.', 2);
  const [large, factor] = [largeHour[family], sizes[size]];
  if (large !== undefined && factor !== undefined) return large * factor;
  const families = Object.keys(largeHour);
  const near = large === undefined && factor !== undefined ? suggest(family, families) : undefined;
  throw new UserError({
    what: `no price is known for an instance type in ${region}`,
    value: type,
    allowed: `families ${families.join(', ')} in sizes ${Object.keys(sizes).join(', ')}`,
    fix:
      `state it: --price ${type}=DOLLARS_AN_HOUR` +
      (near === undefined ? '' : `; or did you mean ${near}.${size}?`),
  });
}
