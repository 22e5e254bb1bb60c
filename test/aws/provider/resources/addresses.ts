import {
  AllocateAddressCommand,
  DescribeAddressesCommand,
  DescribeNetworkInterfacesCommand,
  ReleaseAddressCommand,
} from '@aws-sdk/client-ec2';
import type { ec2 as aws } from '@pulumi/aws';
import { z } from 'zod';
import { stackTag } from '../../../../infra/channels/aws/tags.ts';
import { tagsOf } from '../../cloud/account.ts';
import { accountId } from '../../cloud/settings.ts';
import { retag, tagged } from '../ec2-tags.ts';
import { kindOf, must, tags, unlessMissing } from '../kind.ts';

const eip = kindOf<aws.EipArgs>()(
  { domain: z.literal('vpc'), tags },
  {
    replaces: ['domain'],
    create: async ({ ec2 }, { domain, tags: given }) => {
      const { AllocationId } = await ec2.send(
        new AllocateAddressCommand({ Domain: domain, ...tagged('elastic-ip', given) }),
      );
      return must(AllocationId, 'AllocationId');
    },
    read: async ({ ec2, region }, AllocationId) => {
      const asked = ec2.send(new DescribeAddressesCommand({ AllocationIds: [AllocationId] }));
      const [live] = (await unlessMissing(asked))?.Addresses ?? [];
      if (live === undefined) return undefined;
      return {
        arn: `arn:aws:ec2:${region}:${accountId}:elastic-ip/${AllocationId}`,
        allocationId: AllocationId,
        publicIp: live.PublicIp,
        tags: tagsOf(live.Tags),
      };
    },
    update: (account, eipId, before, after) => retag(account, eipId, before.tags, after.tags),
    delete: async ({ ec2 }, AllocationId) => {
      const { Addresses: [live] = [] } = await ec2.send(
        new DescribeAddressesCommand({ AllocationIds: [AllocationId] }),
      );
      const { NetworkInterfaces = [] } = await ec2.send(new DescribeNetworkInterfacesCommand({}));
      // The simulation leaves behind those of NAT gateways, which are not the kit's own.
      const holder = NetworkInterfaces.find(
        ({ NetworkInterfaceId, TagSet }) =>
          NetworkInterfaceId === live?.NetworkInterfaceId && tagsOf(TagSet)[stackTag] !== undefined,
      );
      // EC2 says so, its simulation does not; with the interface the tie is gone.
      if (holder !== undefined) {
        throw new Error(
          `InvalidIPAddress.InUse: ${AllocationId} is with ${holder.NetworkInterfaceId}`,
        );
      }
      await ec2.send(new ReleaseAddressCommand({ AllocationId }));
    },
  },
);

export const addresses = {
  'aws:ec2/eip:Eip': eip,
};
