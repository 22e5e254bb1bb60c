import { bridgeName, linkName } from '../../../infra/rig-provider/names.ts';

/** What the network of the simulated cloud is made of; everything pure. */

export interface FabricSubnet {
  readonly id: string;
  readonly zone: string;
  readonly cidr: string;
}

export interface FabricInterface {
  readonly id: string;
  readonly subnet: string;
  /** Primary first. */
  readonly addresses: readonly string[];
  readonly sourceDestCheck: boolean;
  /** Whose it is now. */
  readonly instance: string | undefined;
}

export interface FabricTable {
  readonly id: string;
  readonly main: boolean;
  readonly subnets: readonly string[];
  /** To interfaces: the only routes that lead anywhere here. */
  readonly routes: readonly { readonly destination: string; readonly interface: string }[];
  /** Whether it leads to the internet, by a NAT or an internet gateway. */
  readonly internet: boolean;
  /** Whether it does so by an internet gateway: then public addresses lead into its subnets. */
  readonly gateway: boolean;
}

/** An Elastic IP that is with an interface. */
export interface FabricPublicAddress {
  readonly address: string;
  readonly interface: string;
}

export interface Fabric {
  /** Ranges of the VPCs. */
  readonly vpcs: readonly string[];
  readonly subnets: readonly FabricSubnet[];
  readonly interfaces: readonly FabricInterface[];
  readonly tables: readonly FabricTable[];
  readonly publicAddresses: readonly FabricPublicAddress[];
}

export const tableOf = (fabric: Fabric, subnet: string): FabricTable | undefined =>
  fabric.tables.find(({ subnets }) => subnets.includes(subnet)) ??
  fabric.tables.find(({ main }) => main);

/**
 * Who looks up which of the kernel's tables: packets from a subnet go by that subnet's route table,
 * those of the router itself (clients of the tests) as those of any subnet with routes to interfaces.
 */
export function policyRules(fabric: Fabric, numberOf: (table: string) => number): string[] {
  const rules = fabric.subnets.flatMap(({ id }) => {
    const table = tableOf(fabric, id);
    return table === undefined ? [] : [`iif ${bridgeName(id)} lookup ${numberOf(table.id)}`];
  });
  const table = fabric.tables.find(({ routes: ways }) => ways.length > 0);
  return table === undefined ? rules : [...rules, `iif lo lookup ${numberOf(table.id)}`];
}

/** Routes by `DESTINATION table N`; without an instance behind the interface they swallow packets. */
export function routes(
  fabric: Fabric,
  numberOf: (table: string) => number,
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const table of fabric.tables) {
    for (const { destination, interface: target } of table.routes) {
      const holder = fabric.interfaces.find(({ id }) => id === target);
      const [address] = holder?.instance === undefined ? [] : holder.addresses;
      const key = `${destination} table ${numberOf(table.id)}`;
      found.set(key, address === undefined ? 'blackhole' : `via ${address}`);
    }
  }
  return found;
}

/**
 * The cloud's own filter on each instance's cable: no packet comes from or goes to an address that
 * the API did not give to its interface, unless the source/destination check is off, and nobody
 * answers for one: an announcement alone moves nothing.
 */
export function cableFilter(fabric: Fabric): string {
  const cables = fabric.interfaces.flatMap(({ instance, addresses, sourceDestCheck }) => {
    if (instance === undefined) return [];
    const link = linkName(instance);
    const own = `{ ${addresses.join(', ')} }`;
    const from = [`iifname "${link}" arp saddr ip != ${own} drop`];
    if (sourceDestCheck) from.push(`iifname "${link}" ether type ip ip saddr != ${own} drop`);
    const to = sourceDestCheck ? [`oifname "${link}" ether type ip ip daddr != ${own} drop`] : [];
    return [{ from, to }];
  });
  const chain = (name: string, hook: string, rules: readonly string[]): string =>
    `  chain ${name} {\n    type filter hook ${hook} priority filter; policy accept;\n` +
    `${rules.map((rule) => `    ${rule}\n`).join('')}  }\n`;
  const to = cables.flatMap((cable) => cable.to);
  return (
    `table bridge fabric\ndelete table bridge fabric\ntable bridge fabric {\n` +
    chain(
      'from_instances',
      'prerouting',
      cables.flatMap((cable) => cable.from),
    ) +
    chain('to_instances', 'forward', to) +
    chain('from_router', 'output', to) +
    '}\n'
  );
}
