import { bridgeName } from '../../../infra/rig-provider/names.ts';
import { type Fabric, tableOf } from './fabric-rules.ts';
import { outsideAddress } from './settings.ts';

/** What the internet gateway of a VPC does, as rules of the router; everything pure. */

interface Translation {
  readonly public: string;
  readonly private: string;
  readonly subnet: string;
}

/**
 * Public addresses that lead to a host: those that the API has given to an interface, in a subnet whose
 * route table leads to an internet gateway.
 */
function translations(fabric: Fabric): Translation[] {
  return fabric.publicAddresses.flatMap(({ address, interface: id }) => {
    const holder = fabric.interfaces.find((one) => one.id === id);
    const [primary] = holder?.addresses ?? [];
    if (holder?.instance === undefined || primary === undefined) return [];
    if (tableOf(fabric, holder.subnet)?.gateway !== true) return [];
    return [{ public: address, private: primary, subnet: holder.subnet }];
  });
}

/** Routes for who is outside, in the form of `routes`; any other public address leads nowhere. */
export const publicRoutes = (fabric: Fabric): ReadonlyMap<string, string> =>
  new Map(
    translations(fabric).map(({ public: address, subnet }) => [
      `${address}/32 table main`,
      `dev ${bridgeName(subnet)} src ${outsideAddress}`,
    ]),
  );

/**
 * One address for another in both directions, packet by packet as AWS does it: when an address moves,
 * connections that are open meet its new holder, which knows nothing of them.
 */
export function gatewayRules(fabric: Fabric): string {
  const pairs = translations(fabric);
  const chain = (name: string, head: string, rules: readonly string[]): string =>
    `  chain ${name} {\n    ${head}; policy accept;\n` +
    `${rules.map((rule) => `    ${rule}\n`).join('')}  }\n`;
  return (
    'table ip gateway\ndelete table ip gateway\ntable ip gateway {\n' +
    chain(
      'inwards',
      'type route hook output priority raw',
      pairs.map((pair) => `ip daddr ${pair.public} ip daddr set ${pair.private}`),
    ) +
    chain(
      'outwards',
      'type filter hook prerouting priority raw',
      pairs.map(
        (pair) => `ip saddr ${pair.private} ip daddr ${outsideAddress} ip saddr set ${pair.public}`,
      ),
    ) +
    '}\n'
  );
}
