import { describe, expect, test } from 'vitest';
import { cableFilter, type Fabric, policyRules, routes } from '../../aws/cloud/fabric-rules.ts';
import { bridgeName, linkName } from '../../../infra/rig-provider/names.ts';

const fabric: Fabric = {
  vpcs: ['10.77.0.0/16'],
  subnets: [
    { id: 'subnet-a', zone: 'a', cidr: '10.77.16.0/20' },
    { id: 'subnet-b', zone: 'b', cidr: '10.77.32.0/20' },
  ],
  interfaces: [
    {
      id: 'eni-1',
      subnet: 'subnet-a',
      addresses: ['10.77.16.11', '10.77.16.10'],
      sourceDestCheck: true,
      instance: 'i-1',
    },
    {
      id: 'eni-2',
      subnet: 'subnet-b',
      addresses: ['10.77.32.11'],
      sourceDestCheck: false,
      instance: undefined,
    },
  ],
  tables: [
    { id: 'rtb-main', main: true, subnets: [], routes: [], internet: false, gateway: false },
    {
      id: 'rtb-a',
      main: false,
      subnets: ['subnet-a'],
      routes: [
        { destination: '10.255.255.10/32', interface: 'eni-1' },
        { destination: '10.255.255.11/32', interface: 'eni-2' },
      ],
      internet: true,
      gateway: false,
    },
  ],
  publicAddresses: [],
};
const numbers: Readonly<Record<string, number>> = { 'rtb-main': 1, 'rtb-a': 2 };
const numberOf = (table: string): number => numbers[table] ?? 0;

describe('the network of the simulated cloud', () => {
  test('each subnet goes by its own table, or by the main one', () => {
    expect(policyRules(fabric, numberOf)).toEqual([
      `iif ${bridgeName('subnet-a')} lookup 2`,
      `iif ${bridgeName('subnet-b')} lookup 1`,
      'iif lo lookup 2',
    ]);
  });

  test('a route leads to the primary address of its interface, and nowhere without an instance', () => {
    expect([...routes(fabric, numberOf)]).toEqual([
      ['10.255.255.10/32 table 2', 'via 10.77.16.11'],
      ['10.255.255.11/32 table 2', 'blackhole'],
    ]);
  });

  test('a cable carries only addresses that the API gave to its interface', () => {
    const rules = cableFilter(fabric);
    const own = '{ 10.77.16.11, 10.77.16.10 }';
    expect(rules).toContain(`iifname "${linkName('i-1')}" arp saddr ip != ${own} drop`);
    expect(rules).toContain(`iifname "${linkName('i-1')}" ether type ip ip saddr != ${own} drop`);
    expect(rules).toContain(`oifname "${linkName('i-1')}" ether type ip ip daddr != ${own} drop`);
  });

  test('without the source/destination check only announcements are held to the API', () => {
    const [first] = fabric.interfaces;
    const open = {
      ...fabric,
      interfaces: first === undefined ? [] : [{ ...first, sourceDestCheck: false }],
    };
    const rules = cableFilter(open);
    expect(rules).toContain('arp saddr');
    expect(rules).not.toContain('ip daddr');
  });
});
