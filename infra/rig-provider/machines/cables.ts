import type { HostRecord } from '../host-record.ts';
import { bridgeName, hostNamespace, linkName, routerNamespace } from '../names.ts';
import { interfaces, ipBatch, makeNamespace } from '../network/namespace.ts';
import { unplug } from '../network/router.ts';

/** Interfaces in a machine's namespace that its qemu opens. */
export const taps = { host: 'host0', rig: 'rig0' } as const;

/** By this address the image's `rig-link.service` knows the cable to the rig. */
export const rigMac = '02:00:00:72:69:67';

/** Ends of the cable to the rig: the same for every machine, as it is in namespaces of its own only. */
export const rigAddress = { machine: '169.254.77.2', here: '169.254.77.1/30' } as const;

/**
 * A machine's namespace holds what joins it to its network: a bridge with the cable to the stack's
 * router on one side and the machine on the other; and the rig's own way onto it.
 */
export async function attachMachine(host: HostRecord): Promise<void> {
  const namespace = hostNamespace(host.stack, host.name);
  const router = routerNamespace(host.stack);
  const outer = linkName(host.name);
  await makeNamespace(namespace);
  const before = await interfaces(namespace);
  if (!before.includes('br0')) await ipBatch(namespace, switchCommands);
  if (before.includes('cable') && (await interfaces(router)).includes(outer)) return;
  await unplug(host.stack, host.name);
  await ipBatch(router, [
    `link add ${outer} type veth peer name cable netns ${namespace}`,
    `link set ${outer} addrgenmode none master ${bridgeName(host.network)} up`,
  ]);
  await ipBatch(namespace, ['link set cable addrgenmode none master br0 up']);
}

const switchCommands = [
  'link set lo up',
  'link add br0 type bridge stp_state 0 forward_delay 0 mcast_snooping 0',
  'link set br0 addrgenmode none up',
  `tuntap add dev ${taps.host} mode tap`,
  `link set ${taps.host} addrgenmode none master br0 up`,
  `tuntap add dev ${taps.rig} mode tap`,
  `link set ${taps.rig} addrgenmode none up`,
  `addr add ${rigAddress.here} dev ${taps.rig}`,
];
