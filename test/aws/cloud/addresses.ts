import {
  DescribeNetworkInterfacesCommand,
  DescribeSubnetsCommand,
  type NetworkInterface,
  UnassignPrivateIpAddressesCommand,
} from '@aws-sdk/client-ec2';
import { addressOf, cidrOf, containsAddress } from '../../../infra/cidr.ts';
import type { Account } from './account.ts';
import { ApiError, type Call, field, list } from './call.ts';

/** What EC2 refuses of an address that moves, and moto does not; and what a move takes away. */

const addressesOf = ({ PrivateIpAddresses = [] }: NetworkInterface): string[] =>
  PrivateIpAddresses.map(({ PrivateIpAddress = '' }) => PrivateIpAddress);

/** moto would leave a secondary address with whoever had it, too. @throws ApiError */
export async function takeAddresses({ ec2 }: Account, call: Call): Promise<void> {
  const target = field(call, 'NetworkInterfaceId');
  const wanted = list(call, 'PrivateIpAddress');
  const { NetworkInterfaces = [] } = await ec2.send(new DescribeNetworkInterfacesCommand({}));
  const subnet = NetworkInterfaces.find((one) => one.NetworkInterfaceId === target)?.SubnetId ?? '';
  const { Subnets } = await ec2.send(new DescribeSubnetsCommand({ SubnetIds: [subnet] }));
  const cidr = Subnets?.[0]?.CidrBlock ?? '';
  const outside = wanted.filter((one) => !containsAddress(cidrOf(cidr), addressOf(one)));
  if (outside.length > 0) {
    throw refused(`Address(es) ${outside.join(', ')} do not fall within the subnet ${cidr}`);
  }
  for (const other of NetworkInterfaces) {
    const { NetworkInterfaceId = '', PrivateIpAddresses = [] } = other;
    const held = addressesOf(other).filter((address) => wanted.includes(address));
    if (NetworkInterfaceId === target || held.length === 0) continue;
    const primary = PrivateIpAddresses.some(
      ({ Primary, PrivateIpAddress = '' }) => Primary === true && held.includes(PrivateIpAddress),
    );
    if (primary || call.parameters['AllowReassignment'] !== 'true') {
      throw refused(`Address ${held.join(', ')} is in use by ${NetworkInterfaceId}.`);
    }
    await ec2.send(
      new UnassignPrivateIpAddressesCommand({ NetworkInterfaceId, PrivateIpAddresses: held }),
    );
  }
}

/** moto gives a public address to whatever private one is named. @throws ApiError */
export async function requireOwnAddress({ ec2 }: Account, call: Call): Promise<void> {
  const wanted = call.parameters['PrivateIpAddress'];
  if (typeof wanted !== 'string') return;
  const id = field(call, 'NetworkInterfaceId');
  const { NetworkInterfaces: [own] = [] } = await ec2.send(
    new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [id] }),
  );
  if (own !== undefined && addressesOf(own).includes(wanted)) return;
  throw refused(`The private IP address ${wanted} is not assigned to ${id}.`);
}

const refused = (message: string): ApiError => new ApiError('InvalidParameterValue', message);
