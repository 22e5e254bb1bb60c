/** IPv4 networks as numbers: just what the plan and its checks need. */
export interface Cidr {
  /** First address as an unsigned 32-bit number. */
  readonly base: number;
  /** Prefix length, 0 to 32. */
  readonly prefix: number;
}

/** `10.1.2.3` as an unsigned number; undefined when it is not an IPv4 address. */
export function parseAddress(text: string): number | undefined {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number);
  if (!parts || parts.some((part) => part > 255)) return undefined;
  return parts.reduce((sum, part) => sum * 256 + part, 0);
}

/** `10.1.0.0/16`; undefined when malformed. Host bits may be set: see `isAligned`. */
export function parseCidr(text: string): Cidr | undefined {
  const [address = '', prefixText = ''] = text.split('/', 2);
  const base = parseAddress(address);
  const prefix = Number(prefixText);
  if (base === undefined || !/^\d{1,2}$/.test(prefixText) || prefix > 32) return undefined;
  return text.split('/').length === 2 ? { base, prefix } : undefined;
}

/** Like `parseCidr`, for text that was validated before. @throws on malformed text. */
export function cidrOf(text: string): Cidr {
  const cidr = parseCidr(text);
  if (!cidr) throw new RangeError(`not an IPv4 network: ${text}`);
  return cidr;
}

/** Like `parseAddress`, for text that was validated before. @throws on malformed text. */
export function addressOf(text: string): number {
  const address = parseAddress(text);
  if (address === undefined) throw new RangeError(`not an IPv4 address: ${text}`);
  return address;
}

export const formatAddress = (address: number): string =>
  [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');

export const formatCidr = ({ base, prefix }: Cidr): string => `${formatAddress(base)}/${prefix}`;

/** Number of addresses, network and broadcast address included. */
export const sizeOf = ({ prefix }: Cidr): number => 2 ** (32 - prefix);

/** The same network with its host bits cleared. */
export const aligned = (cidr: Cidr): Cidr => ({
  base: cidr.base - (cidr.base % sizeOf(cidr)),
  prefix: cidr.prefix,
});

export const isAligned = (cidr: Cidr): boolean => cidr.base % sizeOf(cidr) === 0;

export const contains = (outer: Cidr, inner: Cidr): boolean =>
  inner.base >= outer.base && inner.base + sizeOf(inner) <= outer.base + sizeOf(outer);

export const containsAddress = (cidr: Cidr, address: number): boolean =>
  address >= cidr.base && address < cidr.base + sizeOf(cidr);

export const overlaps = (a: Cidr, b: Cidr): boolean =>
  a.base < b.base + sizeOf(b) && b.base < a.base + sizeOf(a);

/** The `index`-th of the equal parts with this prefix. @throws when it is outside. */
export function subnet(cidr: Cidr, prefix: number, index: number): Cidr {
  const part = { base: cidr.base + index * 2 ** (32 - prefix), prefix };
  if (!contains(cidr, part)) {
    throw new RangeError(`${formatCidr(cidr)} holds no part ${index} of /${prefix}`);
  }
  return part;
}

/** The address `offset` places after the first. @throws when it is outside. */
export function addressAt(cidr: Cidr, offset: number): string {
  if (offset < 0 || offset >= sizeOf(cidr)) {
    throw new RangeError(`${formatCidr(cidr)} holds no address number ${offset}`);
  }
  return formatAddress(cidr.base + offset);
}
