import {
  DescribeAddressesCommand,
  DescribeNetworkInterfacesCommand,
  DescribeRouteTablesCommand,
} from '@aws-sdk/client-ec2';
import { waitFor } from '../../infra/wait.ts';
import { type AwsStack, hostOf } from './stack.ts';

/** Both hosts that may have the virtual address. */
export const balancers = ['balancer-1', 'balancer-2'] as const;
export type Balancer = (typeof balancers)[number];

export const otherOf = (balancer: Balancer): Balancer =>
  balancer === 'balancer-1' ? 'balancer-2' : 'balancer-1';

/** Interfaces that the address is with, as the API says. */
async function interfacesWithIt(stack: AwsStack): Promise<(string | undefined)[]> {
  const { ec2 } = stack.account;
  const { aws } = stack.plan();
  switch (aws?.virtualAddresses[0]?.mechanism) {
    case 'secondary-ip': {
      const { NetworkInterfaces = [] } = await ec2.send(new DescribeNetworkInterfacesCommand({}));
      return NetworkInterfaces.filter(({ PrivateIpAddresses = [] }) =>
        PrivateIpAddresses.some((one) => one.PrivateIpAddress === stack.virtualAddress),
      ).map(({ NetworkInterfaceId }) => NetworkInterfaceId);
    }
    case 'elastic-ip': {
      const { Addresses = [] } = await ec2.send(new DescribeAddressesCommand({}));
      return Addresses.map(({ NetworkInterfaceId }) => NetworkInterfaceId);
    }
    default:
      throw new Error('this is about the address of an interface');
  }
}

/** Hosts that the API leads the address to: one, or something is wrong. */
export async function ledTo(stack: AwsStack): Promise<string[]> {
  const wanted = await interfacesWithIt(stack);
  const { NetworkInterfaces = [] } = await stack.account.ec2.send(
    new DescribeNetworkInterfacesCommand({}),
  );
  const hosts = Object.entries(await stack.instances());
  return wanted.map((id) => {
    const found = NetworkInterfaces.find(({ NetworkInterfaceId }) => NetworkInterfaceId === id);
    const instance = found?.Attachment?.InstanceId;
    return hosts.find(([, one]) => one === instance)?.[0] ?? `nobody that runs (${id ?? 'no id'})`;
  });
}

/** Those of the hosts, all of them running, that carry the address. */
export async function carriedBy(stack: AwsStack, hosts: readonly string[]): Promise<string[]> {
  const { virtualAddress } = stack;
  const shown = await Promise.all(
    hosts.map((host) => stack.exec(host, ['ip', '-4', '-o', 'addr', 'show', 'to', virtualAddress])),
  );
  return hosts.filter((_, index) => shown[index] !== '');
}

/**
 * Waits until the address is with one host, for EC2 and for the hosts themselves.
 * @param hosts those that can be asked: they run, and are not frozen
 * @param wanted the only right one, where it is known
 */
export const oneHolder = (
  stack: AwsStack,
  hosts: readonly Balancer[],
  deadlineMs: number,
  wanted?: Balancer,
): Promise<Balancer> =>
  waitFor(
    async () => {
      const [led, carried] = await Promise.all([ledTo(stack), carriedBy(stack, hosts)]);
      const [holder] = hosts.filter((host) => host === carried[0]);
      const agreed = led.length === 1 && carried.length === 1 && led[0] === carried[0];
      const seen = `EC2 leads it to ${led.join(', ')}; it is carried by ${carried.join(', ')}`;
      const right = holder !== undefined && (wanted ?? holder) === holder;
      return agreed && right ? { done: true, value: holder } : { seen };
    },
    { subject: 'the virtual address to be with one balancer', deadlineMs, intervalMs: 100 },
  );

/** Hosts that the routes of the overlay address lead to, by the API. */
export async function routeHolders(stack: AwsStack): Promise<string[]> {
  const { RouteTables = [] } = await stack.account.ec2.send(new DescribeRouteTablesCommand({}));
  const targets = RouteTables.flatMap(({ Routes = [] }) => Routes)
    .filter(({ DestinationCidrBlock }) => DestinationCidrBlock === `${stack.virtualAddress}/32`)
    .map(({ NetworkInterfaceId }) => NetworkInterfaceId);
  const running = await stack.running();
  const hosts = targets.map((target) => {
    const host = running.find(({ NetworkInterfaces = [] }) =>
      NetworkInterfaces.some(({ NetworkInterfaceId }) => NetworkInterfaceId === target),
    );
    return host === undefined ? 'a host that does not run' : hostOf(host);
  });
  return [...new Set(hosts)];
}

/** Waits until all routes lead to one host, and that one has the overlay address. */
export const routedHolder = (
  stack: AwsStack,
  deadlineMs: number,
  except?: string,
): Promise<string> =>
  waitFor(
    async () => {
      const holders = await routeHolders(stack);
      const [holder] = holders;
      if (holder === undefined || holders.length > 1 || holder === except) {
        return { seen: `the routes lead to ${holders.join(', ')}` };
      }
      return (await carriedBy(stack, [holder])).length === 0
        ? { seen: `${holder} has not the address` }
        : { done: true, value: holder };
    },
    { subject: 'one balancer to hold the virtual address', deadlineMs, intervalMs: 500 },
  );
