import { describe, expect, it } from 'vitest';
import { loadEnvironment } from '../../../infra/config/load.ts';
import { answer } from '../../lib/config-answers.ts';

const region = 'eu-central-1';
const sound = { target: 'aws', topology: 'quorum-cluster', aws: { region } } as const;
/** The answer to a config on aws; `aws` is laid on a sound section. */
const onAws = (aws: object, rest: object = {}): string =>
  answer({ ...sound, ...rest, aws: { region, ...aws } });

describe('the place of an environment on aws', () => {
  it('is stated', () => {
    expect(answer({ ...sound, aws: {} })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        aws.region is missing: no region is right for everybody
          allowed: a region, e.g. eu-central-1 or us-east-1
          fix:     set aws.region, or target: rig"
    `);
  });
  it('has zones of its region, each once', () => {
    const availabilityZones = { a: 'us-east-1a', b: 'eu-central-1c', d: 'eu-central-1d' };
    expect(onAws({ availabilityZones })).toMatchInlineSnapshot(`
      "the config of stack trial has 3 problems
        aws.availabilityZones.a is not in region eu-central-1: an environment is in one region
          given:   us-east-1a
          allowed: eu-central-1 and a letter
          fix:     write eu-central-1a, or change aws.region
        aws.availabilityZones.d is for a zone that network.zones does not have
          given:   eu-central-1d
          allowed: a, b, c
          fix:     remove the line, or add d to network.zones
        aws.availabilityZones.c is the zone of b too: one failure would take both
          given:   eu-central-1c
          allowed: another availability zone for each zone
          fix:     change one of the two"
    `);
  });
  it('has zones that EC2 knows', () => {
    expect(onAws({}, { network: { zones: ['a', 'b', 'east'] } })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        aws.availabilityZones.east is missing: the name of the zone is no letter of one of the region
          allowed: an availability zone of eu-central-1, e.g. eu-central-1a
          fix:     set it, or rename the zone east to a letter, e.g. a"
    `);
  });
});

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
        aws.vpc.subnets.front is missing: a secondary address stays in its subnet, which both balancers must share
          allowed: the id of a subnet, e.g. subnet-0123456789abcdef0
          fix:     set it to the subnet of your VPC, or choose mechanism: overlay
        network.subnets.front is missing: addresses are planned from the network of each subnet
          allowed: the network of your subnet, e.g. 10.77.16.0/20
          fix:     set it to what the VPC says"
    `);
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

describe('instances', () => {
  it('hold the planned memory', () => {
    const brokers = { memory: '7GiB', disk: '100GiB' };
    expect(onAws({ instanceTypes: { broker: 't4g.medium' } }, { brokers })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        aws.instanceTypes.broker has too little memory for brokers.memory, 7GiB, from which the watermark and the free-disk limit follow
          given:   t4g.medium, 4GiB
          allowed: a type of which 7GiB are left for the host: 3840MiB are with this one
          fix:     choose a larger type, or set brokers.memory: 3840MiB at most"
    `);
  });
  it('are of a known type, or told', () => {
    const instanceTypes = { broker: 'm77g.large' };
    expect(onAws({ instanceTypes })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        aws.instanceTypes.broker is no type whose memory the kit knows
          given:   m77g.large
          allowed: types of the families c5, c5a, c5d, c6a, c6g, c6gd, c6i, c6id, c7a, c7g, c7gd, c7i, c8a, c8g, c8gd, c8i, m5, m5a, m5d, m6a, m6g, m6gd, m6i, m6id, m7a, m7g, m7gd, m7i, m8a, m8g, m8gd, m8i, r5, r5a, r5d, r6a, r6g, r6gd, r6i, r6id, r7a, r7g, r7gd, r7i, r8a, r8g, r8gd, r8i, t3, t3a, t4g; others with aws.instanceMemory
          fix:     did you mean m7g.large? Else set aws.instanceMemory.m77g.large to its memory"
    `);
    const aws = { region, instanceTypes, instanceMemory: { 'm77g.large': '8GiB' } };
    expect(loadEnvironment({ ...sound, aws }, undefined, 'trial').aws.instanceTypes.broker).toBe(
      'm77g.large',
    );
  });
  it('are of one kind of processor', () => {
    expect(onAws({ instanceTypes: { broker: 'm7i.large' } })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        aws.instanceTypes.balancer is of another processor than the brokers, whose images cannot start on it
          given:   t4g.small, arm64
          allowed: types of x86_64, as m7i.large
          fix:     choose e.g. t3.small"
    `);
  });
  it('have an image of the release that their topology needs', () => {
    const images = { trixie: 'ami-0123456789abcdef0', bookworm: 'ami-0123456789abcdef0' };
    expect(onAws({ images })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        aws.images.bookworm is the image of trixie: one image is of one release of Debian
          given:   ami-0123456789abcdef0
          allowed: the id of an image of Debian 12, bookworm
          fix:     remove the line and look it up, or correct the other one"
    `);
  });
  it('have the agent of Session Manager where it is asked for', () => {
    expect(onAws({ access: { method: 'session-manager' } })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        aws.access.method needs the agent of Systems Manager, which no image or package of Debian holds
          given:   session-manager
          allowed: instance-connect or none without a golden image
          fix:     choose instance-connect, or make an image with the agent and set aws.goldenImage: true"
    `);
  });
});

describe('names on aws', () => {
  it('of parameters are for secrets of hosts', () => {
    const parameters = { 'erlang-cooky': '/shop/cookie', 'erlang-cookie': 'no-slash' };
    expect(onAws({ secrets: { parameters: { 'erlang-cooky': '/shop/cookie' } } }))
      .toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        aws.secrets.parameters.erlang-cooky is a parameter for a secret that no host reads
          given:   /shop/cookie
          allowed: erlang-cookie, administrator-password, application-password, statistics-password
          fix:     did you mean erlang-cookie? Else remove the line"
    `);
    expect(onAws({ secrets: { parameters } })).toContain('the name of a parameter');
  });
  it('of tags are free', () => {
    expect(onAws({ tags: { Name: 'mine', 'aws:owner': 'me', team: 'orders' } }))
      .toMatchInlineSnapshot(`
      "the config of stack trial has 2 problems
        aws.tags.Name is a key that is taken, or that AWS does not take
          given:   mine
          allowed: letters, digits, blanks and _ . : / = + - @, neither Name nor beginning with aws: or rabbitmq-ha-kit:
          fix:     choose another key
        aws.tags.aws:owner is a key that is taken, or that AWS does not take
          given:   me
          allowed: letters, digits, blanks and _ . : / = + - @, neither Name nor beginning with aws: or rabbitmq-ha-kit:
          fix:     choose another key"
    `);
  });
});

describe('the front end nlb', () => {
  it('is of AWS alone', () => {
    expect(answer({ topology: 'quorum-cluster', frontEnd: 'nlb' })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        frontEnd is a load balancer of AWS, which this machine does not have
          given:   nlb
          allowed: with target rig: haproxy-keepalived, direct, external
          fix:     choose haproxy-keepalived, or set target: aws"
    `);
  });
  it('knows neither standby nor weights', () => {
    const zones = { network: { zones: ['a', 'b'] } };
    expect(onAws({}, { topology: 'warren', frontEnd: 'nlb', ...zones })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        frontEnd would send clients to the standby as well: it knows targets, but no backups
          given:   nlb
          allowed: with topology warren: haproxy-keepalived, direct, external
          fix:     choose haproxy-keepalived"
    `);
    const quorumCluster = { weights: { 'broker-1': 3, 'broker-2': 1 } };
    expect(onAws({}, { frontEnd: 'nlb', quorumCluster })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        quorumCluster.weights.broker-1 has no effect: front end nlb gives all brokers the same share
          given:   3
          allowed: nothing, or 1
          fix:     remove the line, or choose frontEnd: haproxy-keepalived"
    `);
  });
});

it('the section aws counts on aws alone', () => {
  const aws = { nat: 'none', virtualAddress: { overlay: '10.77.1.1' } };
  expect(loadEnvironment({ topology: 'warren', aws }, undefined, 'trial').target).toBe('rig');
});
