import {
  ChangeResourceRecordSetsCommand,
  ChangeTagsForResourceCommand,
  CreateHostedZoneCommand,
  DeleteHostedZoneCommand,
  GetHostedZoneCommand,
  ListResourceRecordSetsCommand,
  type ResourceRecordSet,
} from '@aws-sdk/client-route-53';
import type { route53 as aws } from '@pulumi/aws';
import { z } from 'zod';
import type { Account } from '../../cloud/account.ts';
import { id, kindOf, must, tagList, tags, unlessMissing } from '../kind.ts';

const shortId = (zone: string): string => zone.replace('/hostedzone/', '');

const zone = kindOf<aws.ZoneArgs>()(
  {
    name: z.string(),
    comment: z.string().max(256),
    vpcs: z.array(z.strictObject({ vpcId: id('vpc') })).min(1),
    tags,
  },
  {
    replaces: ['name', 'vpcs'],
    create: async ({ route53, region }, { name, comment, vpcs: [first], tags: given }, logical) => {
      const { HostedZone } = await route53.send(
        new CreateHostedZoneCommand({
          Name: name,
          CallerReference: `${logical}-${Date.now()}`,
          HostedZoneConfig: { Comment: comment, PrivateZone: true },
          VPC: { VPCRegion: region as never, VPCId: first?.vpcId },
        }),
      );
      const ResourceId = shortId(must(HostedZone?.Id, 'a zone id'));
      await route53.send(
        new ChangeTagsForResourceCommand({
          ResourceType: 'hostedzone',
          ResourceId,
          AddTags: tagList(given),
        }),
      );
      return ResourceId;
    },
    read: async ({ route53 }, zoneId) => {
      const live = await unlessMissing(route53.send(new GetHostedZoneCommand({ Id: zoneId })));
      if (live?.HostedZone === undefined) return undefined;
      return {
        zoneId,
        arn: `arn:aws:route53:::hostedzone/${zoneId}`,
        comment: live.HostedZone.Config?.Comment,
      };
    },
    update: () => Promise.resolve(),
    delete: ({ route53 }, Id) => route53.send(new DeleteHostedZoneCommand({ Id })),
  },
);

const recordShape = {
  zoneId: z.string(),
  name: z.string(),
  type: z.literal('A'),
  ttl: z.int().min(0).optional(),
  records: z.array(z.ipv4()).min(1).optional(),
  aliases: z
    .array(
      z.strictObject({ name: z.string(), zoneId: z.string(), evaluateTargetHealth: z.boolean() }),
    )
    .length(1)
    .optional(),
};
type RecordInputs = z.infer<z.ZodObject<typeof recordShape>>;

function recordSet({ name, type, ttl, records, aliases }: RecordInputs): ResourceRecordSet {
  const [alias] = aliases ?? [];
  if ((alias === undefined) === (records === undefined)) {
    throw new Error('InvalidInput: a record has either records or an alias');
  }
  return {
    Name: name,
    Type: type,
    ...(alias === undefined
      ? { TTL: ttl, ResourceRecords: (records ?? []).map((Value) => ({ Value })) }
      : {
          AliasTarget: {
            DNSName: alias.name,
            HostedZoneId: alias.zoneId,
            EvaluateTargetHealth: alias.evaluateTargetHealth,
          },
        }),
  };
}

const change = async (
  { route53 }: Account,
  Action: 'CREATE' | 'UPSERT' | 'DELETE',
  inputs: RecordInputs,
): Promise<void> => {
  const Changes = [{ Action, ResourceRecordSet: recordSet(inputs) }];
  await route53.send(
    new ChangeResourceRecordSetsCommand({ HostedZoneId: inputs.zoneId, ChangeBatch: { Changes } }),
  );
};

const record = kindOf<aws.RecordArgs>()(recordShape, {
  replaces: ['zoneId', 'name', 'type'],
  create: async (account, inputs) => {
    await change(account, 'CREATE', inputs);
    return `${inputs.zoneId}_${inputs.name}_${inputs.type}`;
  },
  read: async ({ route53 }, _id, { zoneId, name, aliases }) => {
    const asked = route53.send(new ListResourceRecordSetsCommand({ HostedZoneId: zoneId }));
    const live = (await unlessMissing(asked))?.ResourceRecordSets?.find(
      (set) => set.Name?.replace(/\.$/, '') === name,
    );
    if (live === undefined) return undefined;
    const values = (live.ResourceRecords ?? []).map(({ Value = '' }) => Value);
    return { fqdn: name, ...(aliases === undefined ? { records: values } : {}) };
  },
  update: (account, _id, _before, after) => change(account, 'UPSERT', after),
  delete: (account, _id, inputs) => change(account, 'DELETE', inputs),
});

export const names = {
  'aws:route53/zone:Zone': zone,
  'aws:route53/record:Record': record,
};
