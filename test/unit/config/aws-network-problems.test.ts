import { describe, expect, it } from 'vitest';
import { loadEnvironment } from '../../../infra/config/load.ts';
import { answer } from '../../lib/config-answers.ts';

const region = 'eu-central-1';
const sound = { target: 'aws', topology: 'quorum-cluster', aws: { region } } as const;
/** The answer to a config on aws; `aws` is laid on a sound section. */
const onAws = (aws: object, rest: object = {}): string =>
  answer({ ...sound, ...rest, aws: { region, ...aws } });

describe('the network on aws', () => {
  it('is of a size that a VPC can have, and holds its subnets', () => {
    const network = { cidr: '10.0.0.0/12', subnets: { a: '10.77.16.0/20', b: '10.16.0.0/20' } };
    expect(onAws({}, { network })).toMatchInlineSnapshot(`
      "the config of stack trial has 3 problems
        network.cidr is larger than a VPC can be
          given:   10.0.0.0/12
          allowed: a prefix of /16 or longer
          fix:     choose a smaller network, e.g. 10.77.0.0/16
        network.subnets.a is outside of the network of the VPC
          given:   10.77.16.0/20
          allowed: inside network.cidr: 10.0.0.0/12
          fix:     choose a subnet inside it, or change network.cidr
        network.subnets.b is outside of the network of the VPC
          given:   10.16.0.0/20
          allowed: inside network.cidr: 10.0.0.0/12
          fix:     choose a subnet inside it, or change network.cidr"
    `);
  });
  it('is large enough', () => {
    expect(onAws({}, { network: { cidr: '10.77.0.0/20' } })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        network.cidr is too small to be cut into sixteen subnets with a range for each role
          given:   10.77.0.0/20
          allowed: a prefix of /18 or shorter
          fix:     choose a larger network, or state each subnet under network.subnets"
    `);
  });
  it('has as many route tables as fit into the tag by which hosts know them', () => {
    const subnets = { a: 'subnet-0000000a', b: 'subnet-0000000b', c: 'subnet-0000000c' };
    const network = {
      cidr: '10.20.0.0/16',
      subnets: { a: '10.20.16.0/20', b: '10.20.32.0/20', c: '10.20.48.0/20' },
    };
    const withTables = (count: number): string => {
      const routeTables = Array.from({ length: count }, () => 'rtb-0123456789abcdef0');
      return onAws({ vpc: { id: 'vpc-0000000a', subnets, routeTables } }, { network });
    };
    expect(() => withTables(11)).toThrow('accepted');
    expect(withTables(12)).toContain('aws.vpc.routeTables are more than a host can be told of');
  });
  it('has subnets that do not overlap', () => {
    expect(onAws({}, { network: { subnets: { a: '10.77.32.0/20' } } })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        network.subnets.a overlaps computed subnet b, 10.77.32.0/20
          given:   10.77.32.0/20
          allowed: subnets that share no address
          fix:     choose another range for one of the two"
    `);
  });
  it('is not open to the world', () => {
    expect(onAws({}, { network: { clients: ['0.0.0.0/0'] } })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        network.clients[0] is open to the world
          given:   0.0.0.0/0
          allowed: networks with a prefix of /8 or longer
          fix:     name the networks that clients are in"
    `);
  });
  it('may have clients inside', () => {
    const network = { clients: ['10.77.16.0/20', '198.51.100.0/24'] };
    expect(loadEnvironment({ ...sound, network }, undefined, 'trial').network.clients).toEqual(
      network.clients,
    );
  });
  it('has a way to packages', () => {
    expect(onAws({ nat: 'none' })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        aws.nat leaves hosts without a way to the packages that Debian images lack
          given:   none
          allowed: one or per-zone without a golden image
          fix:     set aws.nat: one, or make images that hold every package and set aws.goldenImage: true"
    `);
    expect(
      loadEnvironment(
        { ...sound, aws: { region, nat: 'none', goldenImage: true } },
        undefined,
        'trial',
      ).aws.nat,
    ).toBe('none');
  });
});

describe('the virtual address on aws', () => {
  it('as an overlay is outside of the VPC', () => {
    expect(onAws({ virtualAddress: { overlay: '10.77.200.10' } })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        aws.virtualAddress.overlay is inside the VPC, 10.77.0.0/16: its own routes win over the one that moves
          given:   10.77.200.10
          allowed: an address of 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10 outside of the VPC
          fix:     choose another address, e.g. 10.255.255.10, or mechanism: secondary-ip"
    `);
    expect(onAws({ virtualAddress: { overlay: '8.8.8.8' } })).toContain('is no private address');
  });
  it('as a secondary address stays in one subnet', () => {
    const vpc = {
      id: 'vpc-0123456789abcdef0',
      subnets: { a: 'subnet-0000000a', b: 'subnet-0000000b', c: 'subnet-0000000c' },
    };
    const subnets = { a: '10.77.16.0/20', b: '10.77.32.0/20', c: '10.77.48.0/20' };
    const virtualAddress = { mechanism: 'secondary-ip' };
    expect(onAws({ vpc, virtualAddress }, { network: { subnets } })).toMatchInlineSnapshot(`
      "the config of stack trial has 2 problems
        aws.vpc.subnets.front is missing: a secondary address stays in its subnet, which all that may hold it must share
          allowed: the id of a subnet, e.g. subnet-0123456789abcdef0
          fix:     set it to the subnet of your VPC, or choose mechanism: overlay
        network.subnets.front is missing: addresses are planned from the network of each subnet
          allowed: the network of your subnet, e.g. 10.77.16.0/20
          fix:     set it to what the VPC says"
    `);
  });
  it('is none that EC2 keeps for itself', () => {
    const withAddress = (virtualAddress: string): string =>
      onAws(
        { virtualAddress: { mechanism: 'secondary-ip' } },
        { haproxyKeepalived: { virtualAddress } },
      );
    for (const last of [1, 2, 3]) {
      expect(withAddress(`10.77.0.${last}`)).toContain('virtualAddress is taken by the network');
    }
    expect(() => withAddress('10.77.0.4')).toThrow('accepted');
  });
  it('is stated where it counts', () => {
    expect(onAws({}, { haproxyKeepalived: { virtualAddress: '10.77.0.10' } }))
      .toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        haproxyKeepalived.virtualAddress has no effect with mechanism overlay
          given:   10.77.0.10
          allowed: nothing, but with aws.virtualAddress.mechanism: secondary-ip
          fix:     set aws.virtualAddress.overlay in its place"
    `);
  });
  it('as an Elastic IP leaves one balancer without a way out', () => {
    expect(onAws({ virtualAddress: { mechanism: 'elastic-ip' } })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        aws.virtualAddress.mechanism leaves the balancer that does not hold the address without a way to packages
          given:   elastic-ip
          allowed: overlay or secondary-ip without a golden image
          fix:     choose overlay, or make images that hold every package and set aws.goldenImage: true"
    `);
  });
});

describe('a VPC of the user', () => {
  it('is told with its subnets and routes, and has its own way out', () => {
    expect(onAws({ vpc: { id: 'vpc-0123456789abcdef0' }, nat: 'one' })).toMatchInlineSnapshot(`
      "the config of stack trial has 8 problems
        aws.vpc.subnets.a is missing: the kit makes no subnets in a VPC of your own
          allowed: the id of a subnet, e.g. subnet-0123456789abcdef0
          fix:     set it to the subnet of your VPC
        network.subnets.a is missing: addresses are planned from the network of each subnet
          allowed: the network of your subnet, e.g. 10.77.16.0/20
          fix:     set it to what the VPC says
        aws.vpc.subnets.b is missing: the kit makes no subnets in a VPC of your own
          allowed: the id of a subnet, e.g. subnet-0123456789abcdef0
          fix:     set it to the subnet of your VPC
        network.subnets.b is missing: addresses are planned from the network of each subnet
          allowed: the network of your subnet, e.g. 10.77.16.0/20
          fix:     set it to what the VPC says
        aws.vpc.subnets.c is missing: the kit makes no subnets in a VPC of your own
          allowed: the id of a subnet, e.g. subnet-0123456789abcdef0
          fix:     set it to the subnet of your VPC
        network.subnets.c is missing: addresses are planned from the network of each subnet
          allowed: the network of your subnet, e.g. 10.77.16.0/20
          fix:     set it to what the VPC says
        aws.vpc.routeTables are missing: an overlay address is a route in each of them
          allowed: ids of route tables, e.g. rtb-0123456789abcdef0
          fix:     name those of the subnets of hosts and clients, or choose mechanism: secondary-ip
        aws.nat has no effect: a VPC of your own has its own way out, or none
          given:   one
          allowed: nothing with aws.vpc.id
          fix:     remove the line"
    `);
  });
  it('is there where its parts are', () => {
    const vpc = { subnets: { a: 'subnet-0000000a' }, routeTables: ['rtb-0000000a'] };
    expect(onAws({ vpc })).toMatchInlineSnapshot(`
      "the config of stack trial has 2 problems
        aws.vpc.subnets.a is a subnet of no VPC: the kit makes one, and its subnets
          given:   subnet-0000000a
          allowed: nothing without aws.vpc.id
          fix:     set aws.vpc.id, or remove the line
        aws.vpc.routeTables are not looked at
          given:   rtb-0000000a
          allowed: nothing, but with a VPC of your own and an overlay address
          fix:     remove the line"
    `);
  });
});
