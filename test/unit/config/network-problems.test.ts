import { describe, expect, it } from 'vitest';
import { balancing, cluster } from '../../lib/config-answers.ts';

describe('network', () => {
  it('is private', () => {
    expect(cluster({ network: { cidr: '8.0.0.0/16' } })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        network.cidr is not a private network, and would hide real hosts of the internet
          given:   8.0.0.0/16
          allowed: inside 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10
          fix:     choose a private network, e.g. 10.77.0.0/16"
    `);
  });
  it('is large enough', () => {
    expect(cluster({ network: { cidr: '10.77.0.0/20' } })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        network.cidr is too small to be cut into sixteen subnets with a range for each role
          given:   10.77.0.0/20
          allowed: a prefix of /18 or shorter
          fix:     choose a larger network, or state each subnet under network.subnets"
    `);
  });
  it('has zones of different names', () => {
    expect(cluster({ network: { zones: ['a', 'b', 'a', 'front'] } })).toMatchInlineSnapshot(`
      "the config of stack trial has 2 problems
        network.zones[2] is named twice
          given:   a
          allowed: names that differ, none of them \`front\`
          fix:     rename the zone or remove it
        network.zones[3] is the name of the network that spans zones
          given:   front
          allowed: names that differ, none of them \`front\`
          fix:     rename the zone or remove it"
    `);
  });
  it('has stated subnets of known zones, large enough', () => {
    const subnets = { font: '10.78.0.0/20', b: '10.79.0.0/24' };
    expect(cluster({ network: { subnets } })).toMatchInlineSnapshot(`
      "the config of stack trial has 2 problems
        network.subnets.font belongs to no zone
          given:   10.78.0.0/20
          allowed: front, a, b, c
          fix:     did you mean front?
        network.subnets.b is too small for the ranges of its roles
          given:   10.79.0.0/24
          allowed: a prefix of /22 or shorter
          fix:     choose a larger subnet, or remove the line for a computed one"
    `);
  });
  it('has subnets that do not overlap', () => {
    const subnets = { a: '10.77.48.0/20', b: '10.78.0.0/16', front: '10.78.4.0/22' };
    expect(cluster({ network: { subnets } })).toMatchInlineSnapshot(`
      "the config of stack trial has 2 problems
        network.subnets.a overlaps computed subnet c, 10.77.48.0/20
          given:   10.77.48.0/20
          allowed: subnets that share no address
          fix:     choose another range for one of the two
        network.subnets.b overlaps network.subnets.front, 10.78.4.0/22
          given:   10.78.0.0/16
          allowed: subnets that share no address
          fix:     choose another range for one of the two"
    `);
  });
  it('is not where clients are', () => {
    expect(cluster({ network: { clients: ['10.0.0.0/8'] } })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        network.clients[0] overlaps network.cidr, 10.77.0.0/16
          given:   10.0.0.0/8
          allowed: networks outside the environment
          fix:     remove it, narrow it, or move the environment with network.cidr"
    `);
  });
});

describe('virtual address', () => {
  it.each([
    ['10.77.16.10', 'is outside the front network'],
    ['10.77.0.1', 'is taken by the network'],
    ['10.77.15.255', 'is taken by the network'],
    ['10.77.1.11', "is in the balancers' own range"],
  ])('%s %s', (virtualAddress, what) => {
    expect(balancing({ virtualAddress })).toContain(`virtualAddress ${what}`);
  });
  it('is explained', () => {
    expect(balancing({ virtualAddress: '10.77.1.12' })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        haproxyKeepalived.virtualAddress is in the balancers' own range
          given:   10.77.1.12
          allowed: an address of 10.77.0.0/20 outside 10.77.1.0/24, neither the router's nor the network's own
          fix:     choose another address, or remove the line for a computed one"
    `);
  });
});
