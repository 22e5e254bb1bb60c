import { afterAll, beforeAll, expect, test } from 'vitest';
import { exec } from '../../infra/rig-provider/exec.ts';
import {
  bridgeName,
  hostNamespace,
  macAddress,
  routerNamespace,
} from '../../infra/rig-provider/names.ts';
import { makeNamespace, removeNamespace } from '../../infra/rig-provider/network/namespace.ts';
import { ensureRouter, plugIn, unplug } from '../../infra/rig-provider/network/router.ts';

const stack = 'test-network';
const network = { name: 'back', cidr: '10.77.240.0/24', gateway: '10.77.240.1' };
const hosts = ['one', 'two', 'three', 'four'];
const namespaces = [routerNamespace(stack), ...hosts.map((host) => hostNamespace(stack, host))];

beforeAll(async () => {
  await ensureRouter(stack, [network]);
  for (const [index, host] of hosts.entries()) {
    await makeNamespace(hostNamespace(stack, host));
    await plugIn(stack, {
      host,
      namespace: hostNamespace(stack, host),
      network: network.name,
      address: `10.77.240.${10 + index}`,
      prefixLength: 24,
      gateway: network.gateway,
      macAddress: macAddress(stack, host),
    });
  }
});
afterAll(async () => {
  for (const namespace of namespaces) await removeNamespace(namespace);
});

async function gatewayAddress(): Promise<string | undefined> {
  const argv = ['-o', 'link', 'show', bridgeName(network.name)];
  const { stdout } = await exec(['ip', '-n', routerNamespace(stack), ...argv]);
  return /link\/ether (\S+)/.exec(stdout)?.[1];
}

test('hosts that go leave the others the gateway as they know it', async () => {
  const own = macAddress(stack, `gateway of ${network.name}`);
  expect(await gatewayAddress()).toBe(own);
  for (const host of hosts) {
    await unplug(stack, host);
    expect(await gatewayAddress()).toBe(own);
  }
});
