import { must } from '../../../infra/rig-provider/exec.ts';
import {
  hostNamespace,
  namespacePath,
  routerNamespace,
} from '../../../infra/rig-provider/names.ts';
import {
  ipBatch,
  makeNamespace,
  removeNamespace,
} from '../../../infra/rig-provider/network/namespace.ts';
import type { RigStack } from './stack.ts';

/** Where the client is: the environment has to let this network in. */
export const narrowNetwork = '198.51.100.0/24';
const [routerEnd, clientEnd] = ['198.51.100.1', '198.51.100.2'];

/**
 * Fetches a page as a client beyond a link with an MTU of 1300, of which only the router in between knows:
 * without its word (ICMP) to the sender no large packet arrives.
 * @returns the page's bytes @throws when it is not there in ten seconds
 */
export async function fetchOverNarrowLink(stack: RigStack, url: string): Promise<number> {
  const [router, client] = [routerNamespace(stack.name), hostNamespace(stack.name, 'narrow')];
  await makeNamespace(client);
  try {
    await ipBatch(router, [
      `link add narrow mtu 1300 type veth peer name eth0 netns ${client}`,
      `addr add ${routerEnd}/24 dev narrow`,
      'link set narrow up',
    ]);
    await ipBatch(client, [
      'link set eth0 mtu 1500',
      `addr add ${clientEnd}/24 dev eth0`,
      'link set eth0 up',
      `route add default via ${routerEnd}`,
    ]);
    const page = await must(
      [
        ...['nsenter', `--net=${namespacePath(client)}`, 'curl', '--silent', '--show-error'],
        ...['--fail', '--max-time', '10', '--output', '/dev/null', '--write-out'],
        ...['%{size_download}', url],
      ],
      { timeoutMs: 20_000 },
    );
    return Number(page);
  } finally {
    await removeNamespace(client);
  }
}
