import { z } from 'zod';
import { addressOf, aligned, formatCidr, isAligned, parseAddress, parseCidr } from '../cidr.ts';

/** Kinds of values that have a notation of their own. Parsed once, here. */

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
}

/** Memory or disk such as `512MiB` or `4GiB`; becomes MiB. */
export const size = (bounds: Bounds) => quantity('size', sizeUnits, bounds);

/** Time such as `500ms`, `2s`, `5m` or `1h`; becomes milliseconds. */
export const duration = (bounds: Bounds) => quantity('duration', durationUnits, bounds);

function quantity(noun: string, units: Readonly<Record<string, number>>, { min, max }: Bounds) {
  const lowest = quantityOf(min, units);
  const highest = quantityOf(max, units);
  return z.unknown().transform((given, context) => {
    const value = typeof given === 'string' ? quantityOf(given, units) : undefined;
    if (value !== undefined && lowest !== undefined && highest !== undefined) {
      if (value >= lowest && value <= highest) return value;
    }
    const allowed = `a ${noun} from ${min} to ${max} (units ${Object.keys(units).join(', ')})`;
    return refuse(context, `is not a ${noun} in range`, { allowed });
  });
}

function quantityOf(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)([A-Za-z]+)$/.exec(text) ?? [];
  const factor = unit === undefined ? undefined : units[unit];
  if (amount === undefined || factor === undefined) return undefined;
  const value = Number(amount) * factor;
  return Number.isInteger(value) ? value : undefined;
}

/** An IPv4 network whose host bits are clear. */
export const cidr = () =>
  z.unknown().transform((given, context) => {
    const parsed = typeof given === 'string' ? parseCidr(given) : undefined;
    if (!parsed) {
      return refuse(context, 'is not a network', { allowed: 'IPv4 CIDR such as 10.77.0.0/16' });
    }
    if (isAligned(parsed)) return formatCidr(parsed);
    return refuse(context, 'has host bits set', {
      allowed: 'the first address of the network, a slash and the prefix length',
      fix: `write ${formatCidr(aligned(parsed))}`,
    });
  });

/** An IPv4 address. */
export const ipv4 = () =>
  z.unknown().transform((given, context) => {
    if (typeof given === 'string' && parseAddress(given) !== undefined) {
      addressOf(given);
      return given;
    }
    return refuse(context, 'is not an address', { allowed: 'IPv4 address such as 10.77.0.10' });
  });

/** Text of one form. */
export const text = (form: RegExp, allowed: string) =>
  z
    .unknown()
    .transform((given, context) =>
      typeof given === 'string' && form.test(given)
        ? given
        : refuse(context, 'has a wrong form', { allowed }),
    );

function refuse(context: z.RefinementCtx, message: string, advice: Advice): never {
  context.addIssue({ code: 'custom', message, params: { ...advice } });
  return z.NEVER;
}
