import { hostNamespace, macAddress } from '../names.ts';
import { isNamespace, makeNamespace } from '../network/namespace.ts';
import { plugIn } from '../network/router.ts';
import { type HostRecord, hostRecords } from '../host-record.ts';
import { attachMachine } from '../machines/cables.ts';

/** The host's namespace with its cable into the stack's router. */
export async function attachHost(host: HostRecord): Promise<void> {
  const namespace = hostNamespace(host.stack, host.name);
  await makeNamespace(namespace);
  await plugIn(host.stack, {
    host: host.name,
    namespace,
    network: host.network,
    address: host.address,
    prefixLength: host.prefixLength,
    gateway: host.gateway,
    macAddress: macAddress(host.stack, host.name),
  });
}

/** Plugs running hosts into a router that was made anew: their cables went with the old one. */
export async function attachHosts(stack: string): Promise<void> {
  for (const host of hostRecords(stack)) {
    if (!isNamespace(hostNamespace(stack, host.name))) continue;
    await (host.kind === 'machine' ? attachMachine(host) : attachHost(host));
  }
}
