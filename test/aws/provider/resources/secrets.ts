import {
  CreateAliasCommand,
  CreateKeyCommand,
  DeleteAliasCommand,
  DescribeKeyCommand,
  EnableKeyRotationCommand,
  GetKeyRotationStatusCommand,
  ListAliasesCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import {
  DeleteParameterCommand,
  GetParameterCommand,
  PutParameterCommand,
} from '@aws-sdk/client-ssm';
import type { kms as keys, ssm as parameters } from '@pulumi/aws';
import { z } from 'zod';
import { arn, kindOf, must, tagList, tags, unlessMissing } from '../kind.ts';

const key = kindOf<keys.KeyArgs>()(
  {
    description: z.string(),
    enableKeyRotation: z.literal(true),
    deletionWindowInDays: z.int().min(7).max(30),
    tags,
  },
  {
    replaces: ['description'],
    create: async ({ kms }, { description, tags: given }) => {
      const Tags = Object.entries(given).map(([TagKey, TagValue]) => ({ TagKey, TagValue }));
      const { KeyMetadata } = await kms.send(
        new CreateKeyCommand({ Description: description, Tags }),
      );
      const KeyId = must(KeyMetadata?.KeyId, 'KeyId');
      await kms.send(new EnableKeyRotationCommand({ KeyId }));
      return KeyId;
    },
    read: async ({ kms }, KeyId) => {
      const asked = kms.send(new DescribeKeyCommand({ KeyId }));
      const live = (await unlessMissing(asked))?.KeyMetadata;
      if (live === undefined || live.KeyState === 'PendingDeletion') return undefined;
      const rotation = await kms.send(new GetKeyRotationStatusCommand({ KeyId }));
      return {
        arn: live.Arn,
        keyId: KeyId,
        description: live.Description,
        enableKeyRotation: rotation.KeyRotationEnabled,
      };
    },
    update: () => Promise.resolve(),
    delete: ({ kms }, KeyId, { deletionWindowInDays: PendingWindowInDays }) =>
      kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays })),
  },
);

const alias = kindOf<keys.AliasArgs>()(
  { name: z.string().regex(/^alias\/[A-Za-z0-9/_-]+$/), targetKeyId: z.string() },
  {
    replaces: ['name', 'targetKeyId'],
    create: async ({ kms }, { name, targetKeyId }) => {
      await kms.send(new CreateAliasCommand({ AliasName: name, TargetKeyId: targetKeyId }));
      return name;
    },
    read: async ({ kms }, name) => {
      const { Aliases = [] } = await kms.send(new ListAliasesCommand({}));
      const live = Aliases.find(({ AliasName }) => AliasName === name);
      return live && { arn: live.AliasArn, name, targetKeyId: live.TargetKeyId };
    },
    delete: ({ kms }, AliasName) => kms.send(new DeleteAliasCommand({ AliasName })),
  },
);

const parameter = kindOf<parameters.ParameterArgs>()(
  {
    name: z.string().startsWith('/'),
    type: z.literal('SecureString'),
    value: z.string().min(1),
    keyId: arn,
    tier: z.enum(['Standard', 'Intelligent-Tiering']),
    tags,
  },
  {
    replaces: ['name', 'type', 'keyId'],
    secrets: ['value'],
    create: async ({ ssm }, inputs) => {
      await ssm.send(
        new PutParameterCommand({
          Name: inputs.name,
          Type: inputs.type,
          Value: inputs.value,
          KeyId: inputs.keyId,
          Tier: inputs.tier,
          Tags: tagList(inputs.tags),
        }),
      );
      return inputs.name;
    },
    read: async ({ ssm }, Name) => {
      const asked = ssm.send(new GetParameterCommand({ Name, WithDecryption: true }));
      const live = (await unlessMissing(asked))?.Parameter;
      if (live === undefined) return undefined;
      return {
        arn: live.ARN,
        name: Name,
        type: live.Type,
        value: live.Value,
        version: live.Version,
      };
    },
    update: async ({ ssm }, Name, _before, { value: Value, type: Type, keyId: KeyId }) => {
      await ssm.send(new PutParameterCommand({ Name, Value, Type, KeyId, Overwrite: true }));
    },
    delete: ({ ssm }, Name) => ssm.send(new DeleteParameterCommand({ Name })),
  },
);

export const secrets = {
  'aws:kms/key:Key': key,
  'aws:kms/alias:Alias': alias,
  'aws:ssm/parameter:Parameter': parameter,
};
