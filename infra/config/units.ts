import { z } from 'zod';
import { aligned, formatCidr, isAligned, parseAddress, parseCidr } from '../cidr.ts';
import { maxClusterSize } from './names.ts';

/**
 * Kinds of values that have a notation of their own. Parsed once, here; what `.meta()` adds is how
 * they are written, for the JSON schema of stack files.
 */

const sizeUnits: Readonly<Record<string, number>> = { MiB: 1, GiB: 1024 };
const durationUnits: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** What an issue of a custom check tells the reporter. */
export interface Advice {
  readonly allowed: string;
  readonly fix?: string;
}

interface Bounds {
  readonly min: string;
  readonly max: string;
  /** Only multiples of this, where the file it ends in cannot say less. */
  readonly step?: string;
}

/** Memory or disk such as `512MiB` or `4GiB`; becomes MiB. */
export const size = (bounds: Bounds) => quantity('size', sizeUnits, bounds);

/** Time such as `500ms`, `2s`, `5m` or `1h`; becomes milliseconds. */
export const duration = (bounds: Bounds) => quantity('duration', durationUnits, bounds);

/** Whole days such as `397d`; becomes days. */
export const days = (bounds: Bounds) => quantity('time', { d: 1 }, bounds);

function quantity(
  noun: string,
  units: Readonly<Record<string, number>>,
  { min, max, step }: Bounds,
) {
  const lowest = bound(min, units);
  const highest = bound(max, units);
  const multiple = step === undefined ? 1 : bound(step, units);
  const steps = step === undefined ? '' : ` in steps of ${step}`;
  const allowed = `a ${noun} from ${min} to ${max}${steps} (units ${Object.keys(units).join(', ')})`;
  const notation = `^\\d+(\\.\\d+)?(${Object.keys(units).join('|')})$`;
  return z
    .unknown()
    .transform((given, context) => {
      const value = typeof given === 'string' ? quantityOf(given, units) : undefined;
      if (value !== undefined && value >= lowest && value <= highest && value % multiple === 0) {
        return value;
      }
      const bare = typeof given === 'number' ? { fix: `write a unit, e.g. ${min}` } : {};
      return refuse(context, `is not a ${noun} that fits`, { allowed, ...bare });
    })
    .meta(written(notation, allowed));
}

/** Undefined when malformed or no whole number of the smallest unit. */
function quantityOf(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)([A-Za-z]+)$/.exec(text) ?? [];
  const factor = unit === undefined ? undefined : units[unit];
  if (amount === undefined || factor === undefined) return undefined;
  const value = Number(amount) * factor;
  return Number.isInteger(value) ? value : undefined;
}

function bound(text: string, units: Readonly<Record<string, number>>): number {
  const value = quantityOf(text, units);
  if (value === undefined) throw new RangeError(`not a quantity: ${text}`);
  return value;
}

/** Four numbers up to 255, for the JSON schema. */
const octet = '(25[0-5]|2[0-4]\\d|[01]?\\d?\\d)';
const dotted = `(${octet}\\.){3}${octet}`;

const network = 'IPv4 CIDR such as 10.77.0.0/16';
const address = 'IPv4 address such as 10.77.0.10';

/** An IPv4 network whose host bits are clear. */
export const cidr = () =>
  z
    .unknown()
    .transform((given, context) => {
      const parsed = typeof given === 'string' ? parseCidr(given) : undefined;
      if (!parsed) {
        return refuse(context, 'is not a network', { allowed: network });
      }
      if (isAligned(parsed)) return formatCidr(parsed);
      return refuse(context, 'has host bits set', {
        allowed: 'the first address of the network, a slash and the prefix length',
        fix: `write ${formatCidr(aligned(parsed))}`,
      });
    })
    .meta(written(`^${dotted}/\\d{1,2}$`, network));

const clusterSizes = Array.from({ length: (maxClusterSize - 1) / 2 }, (_, index) => 3 + 2 * index);

/** Brokers of a cluster that decides by majority: odd, from three. */
export const clusterSize = () =>
  z
    .unknown()
    .transform((given, context) => {
      const count = typeof given === 'number' && Number.isInteger(given) ? given : undefined;
      if (count !== undefined && count >= 3 && count <= maxClusterSize && count % 2 === 1) {
        return count;
      }
      const even = count !== undefined && count > 1 && count < maxClusterSize && count % 2 === 0;
      const what =
        count === 1
          ? 'is no cluster: a single broker survives no failure'
          : even
            ? 'is even: the last broker costs and survives no further failure'
            : 'is not a size of a cluster';
      return refuse(context, what, {
        allowed: `an odd number from 3 to ${maxClusterSize}`,
        fix: even && count > 2 ? `set ${count - 1} or ${count + 1}` : 'set 3, the default',
      });
    })
    .meta({ type: 'integer', enum: clusterSizes });

/** An IPv4 address. */
export const ipv4 = () =>
  z
    .unknown()
    .transform((given, context) => {
      if (typeof given === 'string' && parseAddress(given) !== undefined) {
        return given;
      }
      return refuse(context, 'is not an address', { allowed: address });
    })
    .meta(written(`^${dotted}$`, address));

/** What `ha-params` takes: a number of copies, or names of nodes. */
export const copies = () =>
  z.unknown().transform((given, context): number | readonly string[] =>
    isCopies(given)
      ? given
      : refuse(context, 'is neither a number of copies nor a list of brokers', {
          allowed: 'a whole number with haMode exactly, a list of broker names with nodes',
        }),
  );

const isCopies = (given: unknown): given is number | string[] =>
  Array.isArray(given)
    ? given.every((name) => typeof name === 'string')
    : typeof given === 'number' && Number.isInteger(given);

/** Text of one form. */
export const text = (form: RegExp, allowed: string) =>
  z
    .unknown()
    .transform((given, context) =>
      typeof given === 'string' && form.test(given)
        ? given
        : refuse(context, 'has a wrong form', { allowed }),
    )
    .meta(written(form.source, allowed));

/** How text of a pattern is described to editors, and what they say of other text. */
const written = (pattern: string, allowed: string) => ({
  type: 'string' as const,
  pattern,
  patternErrorMessage: `allowed: ${allowed}`,
});

function refuse(context: z.RefinementCtx, message: string, advice: Advice): never {
  context.addIssue({ code: 'custom', message, params: { ...advice } });
  return z.NEVER;
}
