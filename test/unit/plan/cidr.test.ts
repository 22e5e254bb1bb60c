import { describe, expect, it } from 'vitest';
import {
  addressAt,
  aligned,
  cidrOf,
  contains,
  containsAddress,
  formatAddress,
  formatCidr,
  isAligned,
  overlaps,
  parseAddress,
  parseCidr,
  subnet,
} from '../../../infra/cidr.ts';

describe('parsing', () => {
  it.each(['', '10.0.0', '10.0.0.256', '10.0.0.1.2', 'a.b.c.d', '10.0.0.0/8/9', '10.0.0.0/33'])(
    'refuses %j',
    (text) => {
      expect(parseCidr(`${text}${text.includes('/') ? '' : '/8'}`)).toBeUndefined();
    },
  );
  it.each(['0.0.0.0', '10.77.0.1', '200.1.2.3', '255.255.255.255'])('keeps %s', (text) => {
    expect(formatAddress(parseAddress(text) ?? -1)).toBe(text);
  });
  it('knows host bits', () => {
    expect(isAligned(cidrOf('192.168.0.0/23'))).toBe(true);
    expect(isAligned(cidrOf('192.168.1.0/23'))).toBe(false);
    expect(formatCidr(aligned(cidrOf('192.168.1.7/23')))).toBe('192.168.0.0/23');
  });
});

describe('relations', () => {
  it.each([
    ['10.0.0.0/8', '10.255.255.0/24', true],
    ['10.0.0.0/24', '10.0.1.0/24', false],
    ['200.0.0.0/8', '200.200.0.0/16', true],
    ['0.0.0.0/0', '255.255.255.255/32', true],
  ])('%s and %s overlap: %s', (a, b, expected) => {
    expect(overlaps(cidrOf(a), cidrOf(b))).toBe(expected);
    expect(overlaps(cidrOf(b), cidrOf(a))).toBe(expected);
    expect(contains(cidrOf(a), cidrOf(b))).toBe(expected);
  });
  it('contains its first and last address and none beyond', () => {
    const network = cidrOf('10.1.0.0/16');
    const inside = ['10.0.255.255', '10.1.0.0', '10.1.255.255', '10.2.0.0'].map((text) =>
      containsAddress(network, parseAddress(text) ?? -1),
    );
    expect(inside).toEqual([false, true, true, false]);
  });
});

describe('parts', () => {
  it('are counted from the first', () => {
    expect(formatCidr(subnet(cidrOf('10.77.0.0/16'), 20, 15))).toBe('10.77.240.0/20');
    expect(addressAt(cidrOf('10.77.16.0/20'), 4095)).toBe('10.77.31.255');
  });
  it('never leave the network', () => {
    expect(() => subnet(cidrOf('10.77.0.0/16'), 20, 16)).toThrow('holds no part 16');
    expect(() => addressAt(cidrOf('10.77.16.0/20'), 4096)).toThrow('holds no address number 4096');
  });
});
