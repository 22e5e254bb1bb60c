/**
 * Identifiers of the generations of data on a host's copy, as DRBD 8.4 keeps them: the present one, the
 * one from which on it notes what the peer lacks, and the two before. 64 bits each, in hexadecimal.
 */
export interface Generations {
  readonly current: string;
  /** `0000000000000000` while the peer lacks nothing. */
  readonly bitmap: string;
  readonly history: readonly string[];
}

/** How two copies of one disk are related. */
export type Relation =
  | 'same'
  /** The first comes from the second: it was written to after the second was last with it. */
  | 'first-is-newer'
  | 'second-is-newer'
  /** Both were written to since they were the same. */
  | 'split'
  /** They were never the same. */
  | 'unrelated';

/** Reads what `drbdadm get-gi` prints; undefined where it is something else. Pure. */
export function parseGenerations(text: string): Generations | undefined {
  const last = text.trim().split('\n').at(-1) ?? '';
  const [current, bitmap, ...rest] = last.trim().split(':');
  const history = rest.slice(0, 2);
  const all = [current, bitmap, ...history];
  if (current === undefined || bitmap === undefined || history.length < 2) return undefined;
  if (!all.every((identifier) => /^[0-9A-F]{16}$/i.test(identifier ?? ''))) return undefined;
  return { current: bare(current), bitmap: bare(bitmap), history: history.map(bare) };
}

/** Without the lowest bit, which says whether the host had the role Primary. */
const bare = (identifier: string): string =>
  (BigInt(`0x${identifier}`) & ~1n).toString(16).toUpperCase().padStart(16, '0');

/** What DRBD finds when the two meet, by the same comparison. Pure. */
export function relationOf(first: Generations, second: Generations): Relation {
  if (first.current === second.current) return 'same';
  if (comesFrom(first, second)) return 'first-is-newer';
  if (comesFrom(second, first)) return 'second-is-newer';
  const past = ({ bitmap, history }: Generations): string[] => [bitmap, ...history].filter(isSet);
  return past(first).some((one) => past(second).includes(one)) ? 'split' : 'unrelated';
}

const comesFrom = (later: Generations, { current }: Generations): boolean =>
  [later.bitmap, ...later.history].includes(current);

const isSet = (identifier: string): boolean => BigInt(`0x${identifier}`) !== 0n;
