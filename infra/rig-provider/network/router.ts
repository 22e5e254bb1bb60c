import { CommandError, exec } from '../exec.ts';
import { bridgeName, linkName, macAddress, routerNamespace } from '../names.ts';
import { interfaces, ipBatch, isNamespace, makeNamespace, setSysctls } from './namespace.ts';
import type { NetworkInput } from './records.ts';

/**
 * The router of a stack: one network namespace with a bridge a network, which carries the gateway's
 * address. Nothing of it is in the machine's own namespace, so no packet can leave the machine.
 */
export async function ensureRouter(
  stack: string,
  networks: readonly NetworkInput[],
): Promise<void> {
  const namespace = routerNamespace(stack);
  await makeNamespace(namespace);
  const existing = await interfaces(namespace);
  const missing = networks.filter((network) => !existing.includes(bridgeName(network.name)));
  await ipBatch(namespace, [
    'link set lo up',
    ...missing.flatMap((network) => bridgeCommands(stack, network)),
  ]);
  await setSysctls(namespace, {
    'ipv4/ip_forward': 1,
    // A virtual address moves between hosts: an announcement must count at once, not after a second.
    ...Object.fromEntries(
      networks.map((network) => [`ipv4/neigh/${bridgeName(network.name)}/locktime`, 0]),
    ),
    // Hosts of one environment reach each other by way of the gateway; they need no hints.
    'ipv4/conf/all/send_redirects': 0,
  });
}

function bridgeCommands(stack: string, network: NetworkInput): string[] {
  const bridge = bridgeName(network.name);
  const prefixLength = network.cidr.split('/')[1] ?? '';
  // Of its own, or a bridge has the lowest one of its cables: with that cable's host the gateway would be
  // lost to all others, until they ask for it anew.
  const address = macAddress(stack, `gateway of ${network.name}`);
  return [
    `link add ${bridge} address ${address} type bridge stp_state 0 forward_delay 0`,
    `link set ${bridge} addrgenmode none`,
    `addr add ${network.gateway}/${prefixLength} dev ${bridge}`,
    `link set ${bridge} up`,
  ];
}

/** Bridges that should be there and are not; every one when the namespace itself is gone. */
export async function missingBridges(
  stack: string,
  networks: readonly NetworkInput[],
): Promise<string[]> {
  const namespace = routerNamespace(stack);
  const existing = isNamespace(namespace) ? await interfaces(namespace) : [];
  return networks
    .filter((network) => !existing.includes(bridgeName(network.name)))
    .map((network) => network.name);
}

export interface Cable {
  readonly host: string;
  readonly namespace: string;
  readonly network: string;
  /** IPv4 address, without prefix length. */
  readonly address: string;
  readonly prefixLength: number;
  readonly gateway: string;
  readonly macAddress: string;
}

/** A cable from the network's bridge to `eth0` in the host's namespace, with address and route. */
export async function plugIn(stack: string, cable: Cable): Promise<void> {
  const router = routerNamespace(stack);
  const outer = linkName(cable.host);
  const plugged = (await interfaces(cable.namespace)).includes('eth0');
  if (plugged && (await interfaces(router)).includes(outer)) return;
  await unplug(stack, cable.host);
  await ipBatch(router, [
    `link add ${outer} type veth peer name eth0 address ${cable.macAddress} netns ${cable.namespace}`,
    `link set ${outer} addrgenmode none master ${bridgeName(cable.network)} up`,
  ]);
  await ipBatch(cable.namespace, [
    'link set lo up',
    'link set eth0 addrgenmode none up',
    `addr replace ${cable.address}/${cable.prefixLength} dev eth0`,
    `route replace default via ${cable.gateway}`,
  ]);
}

/** Takes the cable away at once; a namespace frees its interfaces only some time after its end. */
export async function unplug(stack: string, host: string): Promise<void> {
  const router = routerNamespace(stack);
  if (!isNamespace(router)) return;
  const outer = linkName(host);
  const argv = ['ip', '-n', router, 'link', 'delete', outer];
  const result = await exec(argv);
  // Most often it is there; looking first would cost as much as the deed.
  if (result.code !== 0 && isNamespace(router) && (await interfaces(router)).includes(outer)) {
    throw new CommandError(argv, result);
  }
}
