import { describe, expect, it } from 'vitest';
import {
  bridgeName,
  hostNamespace,
  linkName,
  macAddress,
  machineId,
  routerNamespace,
} from '../../../infra/rig-provider/names.ts';

const longNames = ['balancer-in-zone-a', 'balancer-in-zone-b', 'balancer-in-zone-a-2'];

describe('names of network interfaces', () => {
  it('stay readable where they fit', () => {
    expect(bridgeName('zone-a')).toBe('br-zone-a');
    expect(linkName('balancer-1')).toBe('to-balancer-1');
  });

  it('have at most fifteen characters and stay unique', () => {
    const names = [...longNames, 'broker-1'].flatMap((name) => [bridgeName(name), linkName(name)]);
    expect(names.filter((name) => name.length > 15)).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('names of namespaces', () => {
  it('of a host are never those of another stack', () => {
    expect(hostNamespace('a', 'b')).not.toBe(routerNamespace('a-b'));
    expect(hostNamespace('a-b', 'c')).not.toBe(hostNamespace('a', 'b-c'));
  });
});

describe('identities of hosts', () => {
  it('give a locally administered unicast address, the same in every life', () => {
    const address = macAddress('rig-quorum', 'broker-1');
    expect(address).toMatch(/^02(:[0-9a-f]{2}){5}$/);
    expect(macAddress('rig-quorum', 'broker-1')).toBe(address);
    expect(macAddress('rig-quorum', 'broker-2')).not.toBe(address);
    expect(macAddress('rig-warren', 'broker-1')).not.toBe(address);
  });

  it('give a machine-id', () => {
    expect(machineId('rig-quorum', 'broker-1')).toMatch(/^[0-9a-f]{32}$/);
    expect(machineId('rig-quorum', 'broker-1')).not.toBe(machineId('rig-quorum', 'broker-2'));
  });
});
