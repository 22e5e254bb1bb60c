import { describe, expect, it } from 'vitest';
import { loadEnvironment } from '../../../infra/config/load.ts';
import { answer } from '../../lib/config-answers.ts';

const flat = { network: { placement: 'flat' } };
const shape = (lvsKeepalived: object, rest: object = {}) => ({
  topology: 'quorum-cluster',
  frontEnd: 'lvs-keepalived',
  lvsKeepalived,
  ...rest,
});
const lvs = (settings: object, rest: object = {}): string => answer(shape(settings, rest));
const onAws = (settings: object, rest: object = {}): string =>
  lvs(settings, { target: 'aws', aws: { region: 'eu-central-1' }, ...rest });
const accepted = (settings: object, rest: object = {}) =>
  loadEnvironment(shape(settings, rest), undefined, 'trial').lvsKeepalived;

describe('the way of packets', () => {
  it('leads to brokers of another subnet in no mode that rewrites card addresses alone', () => {
    expect(lvs({ mode: 'dr' })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        lvsKeepalived.mode reaches brokers in the subnet of the directors only, and these are in others
          given:   dr
          allowed: with network.placement: flat, which puts brokers beside the directors
          fix:     set network.placement: flat before the first up, or mode: nat or tun"
    `);
    expect(accepted({ mode: 'dr' }, flat).mode).toBe('dr');
  });
  it('leads back by a gateway of the same subnet only', () => {
    expect(lvs({ sourceNat: false })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        lvsKeepalived.sourceNat needs directors as the gateway of brokers, which are in other subnets
          given:   false
          allowed: with network.placement: flat, which puts brokers beside the directors
          fix:     set network.placement: flat before the first up, or remove the line"
    `);
    expect(accepted({ sourceNat: false }, flat).sourceNat).toBe(false);
  });
  it('reaches every subnet by tunnels, and by source NAT', () => {
    expect(accepted({ mode: 'tun' }).mode).toBe('tun');
    expect(accepted({}).mode).toBe('nat');
  });
  it('is the one of its mode', () => {
    expect(lvs({ mode: 'tun', sourceNat: true, gatewayAddress: '10.77.0.20' }))
      .toMatchInlineSnapshot(`
      "the config of stack trial has 2 problems
        lvsKeepalived.sourceNat has no effect in mode tun: brokers answer clients past the director
          given:   true
          allowed: nothing, but with mode: nat
          fix:     remove the line, or set mode: nat
        lvsKeepalived.gatewayAddress has no effect: brokers answer clients without a gateway of the directors
          given:   10.77.0.20
          allowed: nothing, but with mode: nat and sourceNat: false
          fix:     remove the line"
    `);
  });
  it('leads to no standby of a warren', () => {
    expect(lvs({}, { topology: 'warren' })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        frontEnd would send clients back to the active side at its first answer, and knows no delay of a fail-back
          given:   lvs-keepalived
          allowed: with topology warren: haproxy-keepalived, direct, external
          fix:     choose haproxy-keepalived"
    `);
  });
  it('is looked at only while this front end is chosen', () => {
    const other = { frontEnd: 'haproxy-keepalived' };
    expect(accepted({ profile: 'seed' }, other).mode).toBe('dr');
  });
});

describe('what survives a director', () => {
  it('is not promised in vain', () => {
    expect(lvs({ synchronisation: true })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        lvsKeepalived.synchronisation would promise in vain: translated sources are known to one director only
          given:   true
          allowed: on target rig with mode dr or tun, or nat with sourceNat: false
          fix:     remove the line: clients reconnect when a director is lost"
    `);
    expect(onAws({ mode: 'tun', experimental: true, synchronisation: true }))
      .toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        lvsKeepalived.synchronisation would promise in vain: directors tell each other by multicast, which EC2 does not carry
          given:   true
          allowed: on target rig with mode dr or tun, or nat with sourceNat: false
          fix:     remove the line: clients reconnect when a director is lost"
    `);
  });
  it('may be left out', () => {
    expect(accepted({ mode: 'tun', synchronisation: false }).synchronisation).toBe(false);
  });
});

describe('on aws', () => {
  it('modes that nobody vouches for are asked for by name', () => {
    expect(onAws({ mode: 'tun' })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        lvsKeepalived.mode is experimental on aws: it goes by what VPCs do with packets of foreign addresses
          given:   tun
          allowed: nat; tun and dr with lvsKeepalived.experimental: true
          fix:     set mode: nat, or lvsKeepalived.experimental: true and try it before you need it"
    `);
    expect(onAws({ mode: 'dr', experimental: true })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        lvsKeepalived.mode reaches brokers in the subnet of the directors only, and these are in others
          given:   dr
          allowed: with network.placement: flat, which puts brokers beside the directors
          fix:     set network.placement: flat before the first up, or mode: nat or tun"
    `);
  });
  it('a VPC leads answers past the director', () => {
    expect(onAws({ sourceNat: false })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        lvsKeepalived.sourceNat loses every answer on aws: a VPC leads it from the broker to the client directly
          given:   false
          allowed: true with target aws
          fix:     remove the line"
    `);
  });
  it('brokers cannot carry an address that AWS translates', () => {
    const aws = {
      region: 'eu-central-1',
      goldenImage: true,
      virtualAddress: { mechanism: 'elastic-ip' },
    };
    expect(onAws({ mode: 'tun', experimental: true }, { aws })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        aws.virtualAddress.mechanism gives brokers no address to answer from in mode tun: AWS translates it to that of a director
          given:   elastic-ip
          allowed: overlay or secondary-ip; elastic-ip with mode: nat
          fix:     choose overlay, or set lvsKeepalived.mode: nat"
    `);
  });
  it('brokers are in one zone for mode dr alone', () => {
    expect(onAws({}, flat)).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        network.placement puts every broker into one availability zone: a subnet of EC2 is in one
          given:   flat
          allowed: zones with target aws; flat for lvs-keepalived with mode dr alone
          fix:     remove the line"
    `);
  });
});

describe('settings', () => {
  it('keep idle AMQP connections', () => {
    expect(lvs({ idleTimeout: '1m' }, { rabbitmq: { heartbeat: '60s' } })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        lvsKeepalived.idleTimeout would forget idle AMQP connections between two heartbeats
          given:   1m
          allowed: at least twice rabbitmq.heartbeat: 2m
          fix:     raise the timeout or shorten the heartbeat"
    `);
  });
  it('weigh brokers only where the scheduler does', () => {
    const quorumCluster = { weights: { 'broker-1': 3, 'broker-2': 0 } };
    expect(lvs({ scheduler: 'rr' }, { quorumCluster })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        quorumCluster.weights.broker-1 has no effect: scheduler rr gives all brokers the same share
          given:   3
          allowed: nothing, 0 or 1
          fix:     remove the line, or set lvsKeepalived.scheduler: wrr"
    `);
    expect(accepted({ scheduler: 'wrr' }, { quorumCluster }).scheduler).toBe('wrr');
  });
  it('leave a number for the group of the gateway address', () => {
    expect(lvs({ sourceNat: false, vrrp: { routerId: 255 } }, flat)).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        lvsKeepalived.vrrp.routerId leaves no number for the group of the gateway address, which takes the next one
          given:   255
          allowed: 1 to 254 with sourceNat: false
          fix:     choose a smaller number"
    `);
  });
  it('name two addresses, each in its place', () => {
    expect(lvs({ sourceNat: false, virtualAddress: '10.77.0.11' }, flat)).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        lvsKeepalived.gatewayAddress is the virtual address, which clients connect to
          given:   10.77.0.11
          allowed: another free address of the front network
          fix:     state another one"
    `);
    expect(
      lvs({ sourceNat: false, virtualAddress: '10.77.4.9', gatewayAddress: '10.78.0.1' }, flat),
    ).toMatchInlineSnapshot(`
      "the config of stack trial has 2 problems
        lvsKeepalived.virtualAddress is in the brokers' own range
          given:   10.77.4.9
          allowed: an address of 10.77.0.0/20 outside 10.77.1.0/24 and 10.77.4.0/22, neither the router's nor the network's own
          fix:     choose another address, or remove the line for a computed one
        lvsKeepalived.gatewayAddress is outside the front network
          given:   10.78.0.1
          allowed: an address of 10.77.0.0/20 outside 10.77.1.0/24 and 10.77.4.0/22, neither the router's nor the network's own
          fix:     choose another address, or remove the line for a computed one"
    `);
  });
  it('send clients to a sorry server that can answer them', () => {
    expect(lvs({ sorryServer: '10.77.20.11' })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        lvsKeepalived.sorryServer is inside the environment, whose hosts are brokers or no servers at all
          given:   10.77.20.11
          allowed: an address outside of network.cidr: 10.77.0.0/16
          fix:     name a server of another environment, or remove the line"
    `);
    expect(lvs({ mode: 'tun', sorryServer: '192.0.2.7' })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        lvsKeepalived.sorryServer could not answer: it is none of the real servers that the kit sets up for this mode
          given:   192.0.2.7
          allowed: with mode nat and source NAT
          fix:     remove the line, or set mode: nat without sourceNat: false"
    `);
    expect(accepted({ sorryServer: '192.0.2.7' }).sorryServer).toBe('192.0.2.7');
  });
  it('follow VRRP', () => {
    expect(lvs({ vrrp: { version: 2, priorities: { first: 50, second: 50 } } }))
      .toMatchInlineSnapshot(`
      "the config of stack trial has 2 problems
        lvsKeepalived.vrrp.advertInterval is no whole number of seconds, which is all that VRRP version 2 carries
          given:   500ms
          allowed: whole seconds with version 2
          fix:     round it to seconds, or set vrrp.version: 3
        lvsKeepalived.vrrp.priorities.first is not above the second, so that two balancers could claim the address at once
          given:   50
          allowed: more than vrrp.priorities.second: 50
          fix:     raise the first or lower the second"
    `);
  });
});
