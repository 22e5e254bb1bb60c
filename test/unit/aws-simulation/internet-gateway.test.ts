import { describe, expect, test } from 'vitest';
import { bridgeName } from '../../../infra/rig-provider/names.ts';
import type { Fabric } from '../../aws/cloud/fabric-rules.ts';
import { gatewayRules, publicRoutes } from '../../aws/cloud/internet-gateway.ts';

const holder = {
  id: 'eni-1',
  subnet: 'subnet-a',
  addresses: ['10.77.140.11'],
  sourceDestCheck: true,
  instance: 'i-1',
};
const table = {
  id: 'rtb-a',
  main: false,
  subnets: ['subnet-a'],
  routes: [],
  internet: true,
  gateway: true,
};
const fabric: Fabric = {
  vpcs: ['10.77.0.0/16'],
  subnets: [{ id: 'subnet-a', zone: 'a', cidr: '10.77.128.0/20' }],
  interfaces: [holder],
  tables: [table],
  publicAddresses: [{ address: '54.214.1.2', interface: 'eni-1' }],
};

describe('a public address of the simulated cloud', () => {
  test('leads to the primary address of the interface that it is with, and back', () => {
    expect([...publicRoutes(fabric)]).toEqual([
      ['54.214.1.2/32 table main', `dev ${bridgeName('subnet-a')} src 203.0.113.10`],
    ]);
    const rules = gatewayRules(fabric);
    expect(rules).toContain('ip daddr 54.214.1.2 ip daddr set 10.77.140.11\n');
    expect(rules).toContain(
      'ip saddr 10.77.140.11 ip daddr 203.0.113.10 ip saddr set 54.214.1.2\n',
    );
  });

  test.each<[string, Partial<Fabric>]>([
    ['the interface is of no instance', { interfaces: [{ ...holder, instance: undefined }] }],
    ['another interface has it', { publicAddresses: [{ address: '54.214.1.2', interface: 'no' }] }],
    ['the subnet has a NAT at most', { tables: [{ ...table, gateway: false }] }],
  ])('leads nowhere when %s', (_, changed) => {
    const other = { ...fabric, ...changed };
    expect([...publicRoutes(other)]).toEqual([]);
    expect(gatewayRules(other)).not.toContain('54.214.1.2');
  });
});
