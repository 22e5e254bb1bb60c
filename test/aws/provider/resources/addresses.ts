import {
  AllocateAddressCommand,
  AssociateAddressCommand,
  DescribeAddressesCommand,
  DisassociateAddressCommand,
  ReleaseAddressCommand,
} from '@aws-sdk/client-ec2';
import type { ec2 as aws } from '@pulumi/aws';
import { z } from 'zod';
import { tagsOf } from '../../cloud/account.ts';
import { accountId } from '../../cloud/settings.ts';
import { retag, tagged } from '../ec2-tags.ts';
import { id, kindOf, must, tags, unlessMissing } from '../kind.ts';

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
    delete: ({ ec2 }, AllocationId) => ec2.send(new ReleaseAddressCommand({ AllocationId })),
  },
);

const eipAssociation = kindOf<aws.EipAssociationArgs>()(
  {
    allocationId: id('eipalloc'),
    networkInterfaceId: id('eni'),
    allowReassociation: z.boolean(),
  },
  {
    replaces: ['allocationId', 'networkInterfaceId'],
    create: async ({ ec2 }, { allocationId, networkInterfaceId, allowReassociation }) => {
      const { AssociationId } = await ec2.send(
        new AssociateAddressCommand({
          AllocationId: allocationId,
          NetworkInterfaceId: networkInterfaceId,
          AllowReassociation: allowReassociation,
        }),
      );
      return must(AssociationId, 'AssociationId');
    },
    read: async ({ ec2 }, _id, { allocationId }) => {
      const asked = ec2.send(new DescribeAddressesCommand({ AllocationIds: [allocationId] }));
      const [live] = (await unlessMissing(asked))?.Addresses ?? [];
      // A move gives the association another id: what counts is that the address is somewhere.
      if (live?.AssociationId === undefined) return undefined;
      return { networkInterfaceId: live.NetworkInterfaceId, publicIp: live.PublicIp };
    },
    delete: async ({ ec2 }, _id, { allocationId }) => {
      const { Addresses: [live] = [] } = await ec2.send(
        new DescribeAddressesCommand({ AllocationIds: [allocationId] }),
      );
      const AssociationId = live?.AssociationId;
      if (AssociationId !== undefined) {
        await ec2.send(new DisassociateAddressCommand({ AssociationId }));
      }
    },
  },
);

export const addresses = {
  'aws:ec2/eip:Eip': eip,
  'aws:ec2/eipAssociation:EipAssociation': eipAssociation,
};
