import {
  DescribeInstancesCommand,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import type { ec2 as aws } from '@pulumi/aws';
import { z } from 'zod';
import { tagsOf } from '../../cloud/account.ts';
import { accountId } from '../../cloud/settings.ts';
import { retag, tagged } from '../ec2-tags.ts';
import { arn, id, kindOf, must, tags, unlessMissing } from '../kind.ts';

const rootBlockDevice = z.strictObject({
  encrypted: z.literal(true),
  kmsKeyId: arn,
  volumeType: z.literal('gp3'),
  volumeSize: z.int().min(8),
  tags,
});

/** As a string of the program arrives on the wire of EC2. */
const base64 = z.base64().max(Math.ceil(16_384 / 3) * 4, 'at most 16 KB of user-data');

/** Instances as hosts of the rig: the API boots them (see cloud/instances.ts). */
const instance = kindOf<aws.InstanceArgs>()(
  {
    ami: id('ami'),
    instanceType: z.string().regex(/^[a-z0-9-]+\.[a-z0-9-]+$/),
    primaryNetworkInterface: z.strictObject({ networkInterfaceId: id('eni') }),
    iamInstanceProfile: z.string(),
    placementGroup: z.string(),
    keyName: z.string().optional(),
    metadataOptions: z.strictObject({
      httpEndpoint: z.literal('enabled'),
      httpTokens: z.literal('required'),
      httpPutResponseHopLimit: z.literal(1),
      instanceMetadataTags: z.literal('enabled'),
    }),
    rootBlockDevice,
    userDataBase64: base64,
    userDataReplaceOnChange: z.literal(true),
    tags,
  },
  {
    // As of the real provider, which changes a type and a root disk of the living instance.
    replaces: ['ami', 'primaryNetworkInterface', 'placementGroup', 'keyName', 'userDataBase64'],
    create: async ({ ec2 }, inputs) => {
      const { metadataOptions: metadata, rootBlockDevice: root } = inputs;
      const { Instances: [made] = [] } = await ec2.send(
        new RunInstancesCommand({
          MinCount: 1,
          MaxCount: 1,
          ImageId: inputs.ami,
          InstanceType: inputs.instanceType as never,
          NetworkInterfaces: [
            {
              DeviceIndex: 0,
              NetworkInterfaceId: inputs.primaryNetworkInterface.networkInterfaceId,
            },
          ],
          IamInstanceProfile: { Name: inputs.iamInstanceProfile },
          Placement: { GroupName: inputs.placementGroup },
          KeyName: inputs.keyName,
          MetadataOptions: {
            HttpEndpoint: metadata.httpEndpoint,
            HttpTokens: metadata.httpTokens,
            HttpPutResponseHopLimit: metadata.httpPutResponseHopLimit,
            InstanceMetadataTags: metadata.instanceMetadataTags,
          },
          BlockDeviceMappings: [
            {
              DeviceName: '/dev/xvda',
              Ebs: {
                Encrypted: root.encrypted,
                KmsKeyId: root.kmsKeyId,
                VolumeType: root.volumeType,
                VolumeSize: root.volumeSize,
                DeleteOnTermination: true,
              },
            },
          ],
          UserData: inputs.userDataBase64,
          ...tagged('instance', inputs.tags),
        }),
      );
      return must(made?.InstanceId, 'InstanceId');
    },
    read: async ({ ec2, region }, InstanceId) => {
      const asked = ec2.send(new DescribeInstancesCommand({ InstanceIds: [InstanceId] }));
      const live = (await unlessMissing(asked))?.Reservations?.[0]?.Instances?.[0];
      const state = live?.State?.Name;
      if (live === undefined || state === 'terminated') return undefined;
      return {
        arn: `arn:aws:ec2:${region}:${accountId}:instance/${InstanceId}`,
        ami: live.ImageId,
        instanceType: live.InstanceType,
        instanceState: state,
        privateIp: live.PrivateIpAddress,
        privateDns: live.PrivateDnsName,
        availabilityZone: live.Placement?.AvailabilityZone,
        tags: tagsOf(live.Tags),
      };
    },
    update: async (account, InstanceId, before, after) => {
      const live = ({ instanceType, rootBlockDevice: { volumeSize } }: typeof after) =>
        `${instanceType} with ${volumeSize} GiB`;
      if (live(before) !== live(after)) {
        throw new Error(`${InstanceId} would stop for a change to ${live(after)} in its place`);
      }
      await retag(account, InstanceId, before.tags, after.tags);
    },
    delete: ({ ec2 }, InstanceId) =>
      ec2.send(new TerminateInstancesCommand({ InstanceIds: [InstanceId] })),
  },
);

export const instances = { 'aws:ec2/instance:Instance': instance };
