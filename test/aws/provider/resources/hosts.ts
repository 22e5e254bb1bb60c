import {
  AttachVolumeCommand,
  CreateInstanceConnectEndpointCommand,
  CreateNetworkInterfaceCommand,
  CreatePlacementGroupCommand,
  CreateVolumeCommand,
  DeleteInstanceConnectEndpointCommand,
  DeleteKeyPairCommand,
  DeleteNetworkInterfaceCommand,
  DeletePlacementGroupCommand,
  DeleteVolumeCommand,
  DescribeInstanceConnectEndpointsCommand,
  DescribeInstancesCommand,
  DescribeKeyPairsCommand,
  DescribeNetworkInterfacesCommand,
  DescribePlacementGroupsCommand,
  DescribeVolumesCommand,
  DetachVolumeCommand,
  ImportKeyPairCommand,
  ModifyNetworkInterfaceAttributeCommand,
  ModifyVolumeCommand,
  StopInstancesCommand,
} from '@aws-sdk/client-ec2';
import type { ebs, ec2 as aws, ec2transitgateway } from '@pulumi/aws';
import { z } from 'zod';
import { tagsOf } from '../../cloud/account.ts';
import { accountId } from '../../cloud/settings.ts';
import { retag, tagged } from '../ec2-tags.ts';
import { arn, autoName, id, kindOf, must, tags, unlessMissing } from '../kind.ts';

const networkInterface = kindOf<aws.NetworkInterfaceArgs>()(
  {
    subnetId: id('subnet'),
    privateIps: z.array(z.ipv4()).min(1),
    securityGroups: z.array(id('sg')).min(1),
    sourceDestCheck: z.boolean(),
    description: z.string().max(255),
    tags,
  },
  {
    replaces: ['subnetId', 'privateIps'],
    create: async ({ ec2 }, inputs) => {
      const { NetworkInterface } = await ec2.send(
        new CreateNetworkInterfaceCommand({
          SubnetId: inputs.subnetId,
          PrivateIpAddress: inputs.privateIps[0],
          Groups: inputs.securityGroups,
          Description: inputs.description,
          ...tagged('network-interface', inputs.tags),
        }),
      );
      const NetworkInterfaceId = must(NetworkInterface?.NetworkInterfaceId, 'NetworkInterfaceId');
      const SourceDestCheck = { Value: inputs.sourceDestCheck };
      await ec2.send(
        new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId, SourceDestCheck }),
      );
      return NetworkInterfaceId;
    },
    read: async ({ ec2, region }, eni) => {
      const asked = ec2.send(new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [eni] }));
      const [live] = (await unlessMissing(asked))?.NetworkInterfaces ?? [];
      if (live === undefined) return undefined;
      return {
        arn: `arn:aws:ec2:${region}:${accountId}:network-interface/${eni}`,
        subnetId: live.SubnetId,
        privateIp: live.PrivateIpAddress,
        privateIps: (live.PrivateIpAddresses ?? []).map(({ PrivateIpAddress }) => PrivateIpAddress),
        macAddress: live.MacAddress,
        sourceDestCheck: live.SourceDestCheck,
        tags: tagsOf(live.TagSet),
      };
    },
    update: async (account, NetworkInterfaceId, before, after) => {
      await account.ec2.send(
        new ModifyNetworkInterfaceAttributeCommand({
          NetworkInterfaceId,
          SourceDestCheck: { Value: after.sourceDestCheck },
        }),
      );
      const Groups = after.securityGroups;
      await account.ec2.send(
        new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId, Groups }),
      );
      await retag(account, NetworkInterfaceId, before.tags, after.tags);
    },
    delete: ({ ec2 }, NetworkInterfaceId) =>
      ec2.send(new DeleteNetworkInterfaceCommand({ NetworkInterfaceId })),
  },
);

const keyPair = kindOf<aws.KeyPairArgs>()(
  { publicKey: z.string().startsWith('ssh-'), tags },
  {
    replaces: ['publicKey'],
    create: async ({ ec2 }, { publicKey, tags: given }, name) => {
      const { KeyName } = await ec2.send(
        new ImportKeyPairCommand({
          KeyName: autoName(name),
          PublicKeyMaterial: Buffer.from(publicKey),
          ...tagged('key-pair', given),
        }),
      );
      return must(KeyName, 'KeyName');
    },
    read: async ({ ec2 }, KeyName) => {
      const asked = ec2.send(new DescribeKeyPairsCommand({ KeyNames: [KeyName] }));
      const [live] = (await unlessMissing(asked))?.KeyPairs ?? [];
      return live && { keyName: KeyName, keyPairId: live.KeyPairId };
    },
    delete: ({ ec2 }, KeyName) => ec2.send(new DeleteKeyPairCommand({ KeyName })),
  },
);

const placementGroup = kindOf<aws.PlacementGroupArgs>()(
  { strategy: z.enum(['spread', 'cluster', 'partition']), tags },
  {
    replaces: ['strategy'],
    create: async ({ ec2 }, { strategy }, name) => {
      const GroupName = autoName(name);
      await ec2.send(new CreatePlacementGroupCommand({ GroupName, Strategy: strategy }));
      return GroupName;
    },
    read: async ({ ec2 }, name) => {
      const asked = ec2.send(new DescribePlacementGroupsCommand({ GroupNames: [name] }));
      const [live] = (await unlessMissing(asked))?.PlacementGroups ?? [];
      return live && { name, placementGroupId: live.GroupId, strategy: live.Strategy };
    },
    delete: ({ ec2 }, GroupName) => ec2.send(new DeletePlacementGroupCommand({ GroupName })),
  },
);

const volume = kindOf<ebs.VolumeArgs>()(
  {
    availabilityZone: z.string(),
    size: z.int().min(1).max(65_536),
    type: z.literal('gp3'),
    encrypted: z.literal(true),
    kmsKeyId: arn,
    tags,
  },
  {
    replaces: ['availabilityZone', 'type', 'encrypted', 'kmsKeyId'],
    create: async ({ ec2 }, inputs) => {
      const { VolumeId } = await ec2.send(
        new CreateVolumeCommand({
          AvailabilityZone: inputs.availabilityZone,
          Size: inputs.size,
          VolumeType: inputs.type,
          Encrypted: inputs.encrypted,
          KmsKeyId: inputs.kmsKeyId,
          ...tagged('volume', inputs.tags),
        }),
      );
      return must(VolumeId, 'VolumeId');
    },
    read: async ({ ec2, region }, VolumeId) => {
      const asked = ec2.send(new DescribeVolumesCommand({ VolumeIds: [VolumeId] }));
      const [live] = (await unlessMissing(asked))?.Volumes ?? [];
      if (live === undefined) return undefined;
      return {
        arn: `arn:aws:ec2:${region}:${accountId}:volume/${VolumeId}`,
        availabilityZone: live.AvailabilityZone,
        size: live.Size,
        type: live.VolumeType,
        encrypted: live.Encrypted,
        tags: tagsOf(live.Tags),
      };
    },
    update: async (account, VolumeId, before, after) => {
      if (after.size < before.size) {
        throw new Error(`InvalidParameterValue: ${VolumeId} cannot shrink to ${after.size} GiB`);
      }
      if (after.size > before.size) {
        await account.ec2.send(new ModifyVolumeCommand({ VolumeId, Size: after.size }));
      }
      await retag(account, VolumeId, before.tags, after.tags);
    },
    delete: ({ ec2 }, VolumeId) => ec2.send(new DeleteVolumeCommand({ VolumeId })),
  },
);

const volumeAttachment = kindOf<aws.VolumeAttachmentArgs>()(
  {
    instanceId: id('i'),
    volumeId: id('vol'),
    deviceName: z.string().regex(/^\/dev\/sd[f-p]$/, 'a name that EC2 recommends for data'),
    stopInstanceBeforeDetaching: z.boolean().optional(),
  },
  {
    replaces: ['instanceId', 'volumeId', 'deviceName'],
    create: async ({ ec2 }, { instanceId, volumeId, deviceName }) => {
      await ec2.send(
        new AttachVolumeCommand({
          InstanceId: instanceId,
          VolumeId: volumeId,
          Device: deviceName,
        }),
      );
      return `vai-${volumeId.slice(4)}-${instanceId.slice(2)}`;
    },
    read: async ({ ec2 }, _id, { instanceId, volumeId }) => {
      const asked = ec2.send(new DescribeVolumesCommand({ VolumeIds: [volumeId] }));
      const live = (await unlessMissing(asked))?.Volumes?.[0]?.Attachments?.find(
        ({ InstanceId }) => InstanceId === instanceId,
      );
      return live && { instanceId, volumeId, deviceName: live.Device };
    },
    delete: async ({ ec2 }, _id, inputs) => {
      const { instanceId: InstanceId, volumeId: VolumeId } = inputs;
      const { Reservations } = await ec2.send(
        new DescribeInstancesCommand({ InstanceIds: [InstanceId] }),
      );
      const state = Reservations?.[0]?.Instances?.[0]?.State?.Name;
      if (inputs.stopInstanceBeforeDetaching === true && state === 'running') {
        await ec2.send(new StopInstancesCommand({ InstanceIds: [InstanceId] }));
      }
      // An interrupted update may have the engine ask again: AWS then says that the volume is free already.
      await unlessMissing(ec2.send(new DetachVolumeCommand({ InstanceId, VolumeId })));
    },
  },
);

const instanceConnectEndpoint = kindOf<ec2transitgateway.InstanceConnectEndpointArgs>()(
  {
    subnetId: id('subnet'),
    securityGroupIds: z.array(id('sg')).min(1),
    preserveClientIp: z.boolean(),
    tags,
  },
  {
    replaces: ['subnetId', 'securityGroupIds', 'preserveClientIp'],
    create: async ({ ec2 }, { subnetId, securityGroupIds, preserveClientIp }) => {
      const { InstanceConnectEndpoint } = await ec2.send(
        new CreateInstanceConnectEndpointCommand({
          SubnetId: subnetId,
          SecurityGroupIds: securityGroupIds,
          PreserveClientIp: preserveClientIp,
        }),
      );
      return must(InstanceConnectEndpoint?.InstanceConnectEndpointId, 'an endpoint id');
    },
    read: async ({ ec2 }, endpoint) => {
      const { InstanceConnectEndpoints: [live] = [] } = await ec2.send(
        new DescribeInstanceConnectEndpointsCommand({ InstanceConnectEndpointIds: [endpoint] }),
      );
      return live && { subnetId: live.SubnetId };
    },
    delete: ({ ec2 }, InstanceConnectEndpointId) =>
      ec2.send(new DeleteInstanceConnectEndpointCommand({ InstanceConnectEndpointId })),
  },
);

export const hosts = {
  'aws:ec2/networkInterface:NetworkInterface': networkInterface,
  'aws:ec2/keyPair:KeyPair': keyPair,
  'aws:ec2/placementGroup:PlacementGroup': placementGroup,
  'aws:ebs/volume:Volume': volume,
  'aws:ec2/volumeAttachment:VolumeAttachment': volumeAttachment,
  'aws:ec2transitgateway/instanceConnectEndpoint:InstanceConnectEndpoint': instanceConnectEndpoint,
};
