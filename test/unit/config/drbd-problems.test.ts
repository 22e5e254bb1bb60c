import { describe, expect, it } from 'vitest';
import { answer } from '../../lib/config-answers.ts';

const drbd = (drbdPacemaker: object, rest: object = {}): string =>
  answer({ topology: 'drbd-pacemaker', frontEnd: 'pacemaker-vip', drbdPacemaker, ...rest });

const accepts = (config: () => string) => {
  expect(config).toThrow('the config was accepted');
};

describe('drbd-pacemaker', () => {
  it('is two hosts', () => {
    expect(drbd({ brokers: 3 })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        drbdPacemaker.brokers is no number of hosts that DRBD 8.4 keeps a disk on
          given:   3
          allowed: 2
          fix:     remove the line; for more copies choose topology: quorum-cluster"
    `);
  });
  it('is fenced, unless somebody says in so many words what that costs', () => {
    expect(drbd({ fencing: false })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        drbdPacemaker.fencing is missing: two hosts that lose each other will both write, and what one of them confirmed is lost
          given:   false
          allowed: true, or false together with drbdPacemaker.loseDataWithoutFencing: true
          fix:     remove the line"
    `);
    accepts(() => drbd({ fencing: false, loseDataWithoutFencing: true }));
  });
  it('is told the value of a token: it is no secret', () => {
    expect(drbd({ token: '500ms' })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        drbdPacemaker.token is not a duration that fits
          given:   "500ms"
          allowed: a duration from 1s to 60s in steps of 1ms (units ms, s, m, h)
          fix:     change drbdPacemaker.token in the stack file"
    `);
  });
  it('has an address that follows the broker', () => {
    expect(drbd({}, { frontEnd: 'direct' })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        frontEnd leads to hosts, and of the two of drbd-pacemaker only one has the broker
          given:   direct
          allowed: pacemaker-vip, haproxy-keepalived
          fix:     set frontEnd: pacemaker-vip"
    `);
    accepts(() => drbd({}, { frontEnd: 'haproxy-keepalived' }));
    expect(answer({ topology: 'warren', frontEnd: 'pacemaker-vip' })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        frontEnd is an address that Pacemaker moves with the broker, which only drbd-pacemaker has
          given:   pacemaker-vip
          allowed: haproxy-keepalived, lvs-keepalived, direct, external
          fix:     choose one of these, or topology: drbd-pacemaker"
    `);
  });
  it.each([
    ['10.77.16.5', 'is outside the front network'],
    ['10.77.0.1', 'is taken by the network'],
    ['10.77.1.11', "is in the hosts' own range"],
    ['10.77.2.11', "is in the hosts' own range"],
  ])('has no address %s, which %s', (virtualAddress, why) => {
    expect(drbd({ virtualAddress })).toContain(`drbdPacemaker.virtualAddress ${why}`);
  });
  it('shares no address with the balancers', () => {
    const haproxyKeepalived = { virtualAddress: '10.77.0.30' };
    expect(
      drbd({ virtualAddress: '10.77.0.30' }, { frontEnd: 'haproxy-keepalived', haproxyKeepalived }),
    ).toContain('is the address of the balancers');
  });
  it('has its quorum device in a zone where neither host is', () => {
    const network = { zones: ['a', 'b'] };
    expect(drbd({}, { network })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        network.zones are too few: without a third zone the loss of one can take the majority
          given:   a, b
          allowed: at least 3 zones with topology drbd-pacemaker and its quorum device
          fix:     add a zone, or set drbdPacemaker.quorumDevice: false"
    `);
    accepts(() => drbd({ quorumDevice: false }, { network }));
  });
  it('leaves its section alone while another topology is chosen', () => {
    accepts(() => answer({ topology: 'warren', drbdPacemaker: { brokers: 3 } }));
  });
});

describe('drbd-pacemaker on aws', () => {
  const region = 'eu-central-1';
  const onAws = (drbdPacemaker: object, aws: object = {}, rest: object = {}): string =>
    drbd(drbdPacemaker, { target: 'aws', aws: { region, ...aws }, ...rest });
  const by = (mechanism: string): object => ({ virtualAddress: { mechanism } });

  it('has an address that one host can take from the other', () => {
    accepts(() => onAws({}));
    accepts(() => onAws({}, by('secondary-ip')));
    expect(onAws({}, { ...by('elastic-ip'), goldenImage: true })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        aws.virtualAddress.mechanism gives the broker no address that it can take along: AWS translates an Elastic IP to that of a host
          given:   elastic-ip
          allowed: overlay, secondary-ip
          fix:     choose overlay, with hosts in two zones, or secondary-ip, with both in one"
    `);
  });
  it('as an overlay has it outside of the VPC', () => {
    expect(onAws({ virtualAddress: '10.77.0.20' })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        drbdPacemaker.virtualAddress is inside the VPC, 10.77.0.0/16: its own routes win over the one that moves
          given:   10.77.0.20
          allowed: an address of 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10 outside of the VPC
          fix:     set drbdPacemaker.virtualAddress to another one, or choose aws.virtualAddress.mechanism: secondary-ip"
    `);
    expect(onAws({ virtualAddress: '198.51.100.7' })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        drbdPacemaker.virtualAddress is no private address, and would hide a real host of the internet
          given:   198.51.100.7
          allowed: an address of 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10 outside of the VPC
          fix:     remove the line, or set drbdPacemaker.virtualAddress to a private address"
    `);
    expect(onAws({}, {}, { network: { cidr: '10.255.0.0/16' } })).toContain(
      'drbdPacemaker.virtualAddress is inside the VPC, 10.255.0.0/16',
    );
    accepts(() => onAws({ virtualAddress: '10.255.255.30' }));
  });
  it('in one subnet has it in that', () => {
    accepts(() => onAws({ virtualAddress: '10.77.0.30' }, by('secondary-ip')));
    expect(onAws({ virtualAddress: '10.77.2.11' }, by('secondary-ip'))).toContain(
      "drbdPacemaker.virtualAddress is in the hosts' own range",
    );
  });
  it('shares no overlay with the balancers', () => {
    const overlay = { virtualAddress: { overlay: '10.255.255.20' } };
    expect(onAws({}, overlay, { frontEnd: 'haproxy-keepalived' })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        aws.virtualAddress.overlay is the address of the broker, which balancers lead to
          given:   10.255.255.20
          allowed: another one than 10.255.255.20
          fix:     choose another address, or another drbdPacemaker.virtualAddress"
    `);
    accepts(() => onAws({}, overlay));
  });
  it('in a VPC of one’s own names the tables that lead to the broker', () => {
    const vpc = {
      id: 'vpc-0123456789abcdef0',
      subnets: { a: 'subnet-0000000a', b: 'subnet-0000000b', c: 'subnet-0000000c' },
    };
    const subnets = { a: '10.77.16.0/20', b: '10.77.32.0/20', c: '10.77.48.0/20' };
    expect(onAws({}, { vpc }, { network: { subnets } })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        aws.vpc.routeTables are missing: an overlay address is a route in each of them
          allowed: ids of route tables, e.g. rtb-0123456789abcdef0
          fix:     name those of the subnets of hosts and clients, or choose mechanism: secondary-ip"
    `);
  });
  it('has a quorum device with memory for it, and of the processor that the image is for', () => {
    const instanceTypes = { quorum: 't3.micro' };
    expect(onAws({}, { instanceTypes })).toContain(
      'aws.instanceTypes.quorum is of another processor',
    );
    accepts(() => onAws({ quorumDevice: false }, { instanceTypes }));
  });
});
