import {
  AttachInternetGatewayCommand,
  CreateInternetGatewayCommand,
  CreateNatGatewayCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  CreateVpcEndpointCommand,
  DeleteInternetGatewayCommand,
  DeleteNatGatewayCommand,
  DeleteSubnetCommand,
  DeleteVpcCommand,
  DeleteVpcEndpointsCommand,
  DescribeInternetGatewaysCommand,
  DescribeNatGatewaysCommand,
  DescribeSubnetsCommand,
  DescribeVpcEndpointsCommand,
  DescribeVpcsCommand,
  DetachInternetGatewayCommand,
  ModifyVpcAttributeCommand,
  ModifyVpcEndpointCommand,
} from '@aws-sdk/client-ec2';
import type { ec2 as aws } from '@pulumi/aws';
import { z } from 'zod';
import { tagsOf } from '../../cloud/account.ts';
import { accountId } from '../../cloud/settings.ts';
import { retag, tagged } from '../ec2-tags.ts';
import { id, kindOf, must, tags, unlessMissing } from '../kind.ts';

const vpc = kindOf<aws.VpcArgs>()(
  {
    cidrBlock: z.cidrv4(),
    enableDnsHostnames: z.boolean(),
    enableDnsSupport: z.literal(true),
    tags,
  },
  {
    replaces: ['cidrBlock'],
    create: async ({ ec2 }, { cidrBlock, enableDnsHostnames, tags: given }) => {
      const { Vpc } = await ec2.send(
        new CreateVpcCommand({ CidrBlock: cidrBlock, ...tagged('vpc', given) }),
      );
      const VpcId = must(Vpc?.VpcId, 'VpcId');
      const EnableDnsHostnames = { Value: enableDnsHostnames };
      await ec2.send(new ModifyVpcAttributeCommand({ VpcId, EnableDnsHostnames }));
      return VpcId;
    },
    read: async ({ ec2, region }, VpcId) => {
      const found = await unlessMissing(ec2.send(new DescribeVpcsCommand({ VpcIds: [VpcId] })));
      const [live] = found?.Vpcs ?? [];
      if (live === undefined) return undefined;
      return {
        arn: `arn:aws:ec2:${region}:${accountId}:vpc/${VpcId}`,
        cidrBlock: live.CidrBlock,
        tags: tagsOf(live.Tags),
      };
    },
    update: (account, VpcId, before, after) => retag(account, VpcId, before.tags, after.tags),
    delete: ({ ec2 }, VpcId) => ec2.send(new DeleteVpcCommand({ VpcId })),
  },
);

const subnet = kindOf<aws.SubnetArgs>()(
  {
    vpcId: id('vpc'),
    cidrBlock: z.cidrv4(),
    availabilityZone: z.string(),
    mapPublicIpOnLaunch: z.literal(false),
    tags,
  },
  {
    replaces: ['vpcId', 'cidrBlock', 'availabilityZone'],
    create: async ({ ec2, region }, { vpcId, cidrBlock, availabilityZone, tags: given }) => {
      if (!availabilityZone.startsWith(region)) {
        throw new Error(`InvalidParameterValue: ${availabilityZone} is no zone of ${region}`);
      }
      const { Subnet } = await ec2.send(
        new CreateSubnetCommand({
          VpcId: vpcId,
          CidrBlock: cidrBlock,
          AvailabilityZone: availabilityZone,
          ...tagged('subnet', given),
        }),
      );
      return must(Subnet?.SubnetId, 'SubnetId');
    },
    read: async ({ ec2 }, SubnetId) => {
      const asked = ec2.send(new DescribeSubnetsCommand({ SubnetIds: [SubnetId] }));
      const [live] = (await unlessMissing(asked))?.Subnets ?? [];
      if (live === undefined) return undefined;
      return {
        arn: live.SubnetArn,
        vpcId: live.VpcId,
        cidrBlock: live.CidrBlock,
        availabilityZone: live.AvailabilityZone,
        tags: tagsOf(live.Tags),
      };
    },
    update: (account, SubnetId, before, after) => retag(account, SubnetId, before.tags, after.tags),
    delete: ({ ec2 }, SubnetId) => ec2.send(new DeleteSubnetCommand({ SubnetId })),
  },
);

const internetGateway = kindOf<aws.InternetGatewayArgs>()(
  { vpcId: id('vpc'), tags },
  {
    replaces: ['vpcId'],
    create: async ({ ec2 }, { vpcId, tags: given }) => {
      const { InternetGateway } = await ec2.send(
        new CreateInternetGatewayCommand(tagged('internet-gateway', given)),
      );
      const InternetGatewayId = must(InternetGateway?.InternetGatewayId, 'InternetGatewayId');
      await ec2.send(new AttachInternetGatewayCommand({ InternetGatewayId, VpcId: vpcId }));
      return InternetGatewayId;
    },
    read: async ({ ec2 }, gateway) => {
      const asked = ec2.send(
        new DescribeInternetGatewaysCommand({ InternetGatewayIds: [gateway] }),
      );
      const [live] = (await unlessMissing(asked))?.InternetGateways ?? [];
      if (live === undefined) return undefined;
      return { vpcId: live.Attachments?.[0]?.VpcId, tags: tagsOf(live.Tags) };
    },
    update: (account, gateway, before, after) => retag(account, gateway, before.tags, after.tags),
    delete: async ({ ec2 }, InternetGatewayId, { vpcId }) => {
      await ec2.send(new DetachInternetGatewayCommand({ InternetGatewayId, VpcId: vpcId }));
      await ec2.send(new DeleteInternetGatewayCommand({ InternetGatewayId }));
    },
  },
);

const natGateway = kindOf<aws.NatGatewayArgs>()(
  { subnetId: id('subnet'), allocationId: id('eipalloc'), tags },
  {
    replaces: ['subnetId', 'allocationId'],
    create: async ({ ec2 }, { subnetId, allocationId, tags: given }) => {
      const { NatGateway } = await ec2.send(
        new CreateNatGatewayCommand({
          SubnetId: subnetId,
          AllocationId: allocationId,
          ...tagged('natgateway', given),
        }),
      );
      return must(NatGateway?.NatGatewayId, 'NatGatewayId');
    },
    read: async ({ ec2 }, gateway) => {
      const { NatGateways: [live] = [] } = await ec2.send(
        new DescribeNatGatewaysCommand({ NatGatewayIds: [gateway] }),
      );
      if (live === undefined || live.State === 'deleted') return undefined;
      return { subnetId: live.SubnetId, tags: tagsOf(live.Tags) };
    },
    update: (account, gateway, before, after) => retag(account, gateway, before.tags, after.tags),
    delete: ({ ec2 }, NatGatewayId) => ec2.send(new DeleteNatGatewayCommand({ NatGatewayId })),
  },
);

const vpcEndpoint = kindOf<aws.VpcEndpointArgs>()(
  {
    vpcId: id('vpc'),
    serviceName: z.string().startsWith('com.amazonaws.'),
    vpcEndpointType: z.literal('Interface'),
    privateDnsEnabled: z.literal(true),
    subnetIds: z.array(id('subnet')).min(1),
    securityGroupIds: z.array(id('sg')).min(1),
    tags,
  },
  {
    replaces: ['vpcId', 'serviceName', 'securityGroupIds'],
    create: async ({ ec2 }, inputs) => {
      const { VpcEndpoint } = await ec2.send(
        new CreateVpcEndpointCommand({
          VpcId: inputs.vpcId,
          ServiceName: inputs.serviceName,
          VpcEndpointType: inputs.vpcEndpointType,
          PrivateDnsEnabled: inputs.privateDnsEnabled,
          SubnetIds: inputs.subnetIds,
          SecurityGroupIds: inputs.securityGroupIds,
          ...tagged('vpc-endpoint', inputs.tags),
        }),
      );
      return must(VpcEndpoint?.VpcEndpointId, 'VpcEndpointId');
    },
    read: async ({ ec2 }, endpoint) => {
      const asked = ec2.send(new DescribeVpcEndpointsCommand({ VpcEndpointIds: [endpoint] }));
      const [live] = (await unlessMissing(asked))?.VpcEndpoints ?? [];
      if (live === undefined || live.State === 'Deleted') return undefined;
      return { serviceName: live.ServiceName, tags: tagsOf(live.Tags) };
    },
    update: async (account, endpoint, before, after) => {
      const added = after.subnetIds.filter((subnetId) => !before.subnetIds.includes(subnetId));
      const gone = before.subnetIds.filter((subnetId) => !after.subnetIds.includes(subnetId));
      await account.ec2.send(
        new ModifyVpcEndpointCommand({
          VpcEndpointId: endpoint,
          ...(added.length > 0 ? { AddSubnetIds: added } : {}),
          ...(gone.length > 0 ? { RemoveSubnetIds: gone } : {}),
        }),
      );
      await retag(account, endpoint, before.tags, after.tags);
    },
    delete: ({ ec2 }, endpoint) =>
      ec2.send(new DeleteVpcEndpointsCommand({ VpcEndpointIds: [endpoint] })),
  },
);

export const network = {
  'aws:ec2/vpc:Vpc': vpc,
  'aws:ec2/subnet:Subnet': subnet,
  'aws:ec2/internetGateway:InternetGateway': internetGateway,
  'aws:ec2/natGateway:NatGateway': natGateway,
  'aws:ec2/vpcEndpoint:VpcEndpoint': vpcEndpoint,
};
