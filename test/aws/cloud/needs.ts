import { DescribeTagsCommand } from '@aws-sdk/client-ec2';
import { DescribeParametersCommand } from '@aws-sdk/client-ssm';
import { DescribeKeyCommand } from '@aws-sdk/client-kms';
import { type Account, tagsOf } from './account.ts';
import { ApiError, type Call, field, list } from './call.ts';
import type { Need } from './policy.ts';
import { accountId } from './settings.ts';

/** Rights that a call needs: what the service documents as its resources and condition keys. */
export async function needsOf(account: Account, call: Call): Promise<Need[]> {
  if (call.name === 'sts:GetCallerIdentity') return [];
  const general = { 'aws:requestedregion': account.region };
  if (call.service === 'ec2' && call.action.startsWith('Describe')) {
    return [{ action: call.name, resource: '*', context: general }];
  }
  const resources = ec2Resources(call);
  if (resources !== undefined)
    return Promise.all(resources.map((id) => ec2Need(account, call, id)));
  if (call.name === 'ssm:GetParameters' || call.name === 'ssm:GetParameter') {
    return parameterNeeds(account, call);
  }
  throw new ApiError('AccessDenied', `${call.name} is nothing that a host of the kit does`, 403);
}

const interfaceOf = (call: Call): string[] => [
  `network-interface/${field(call, 'NetworkInterfaceId')}`,
];
const instancesOf = (call: Call): string[] =>
  list(call, 'InstanceId').map((id) => `instance/${id}`);

const ec2Kinds: Readonly<Record<string, (call: Call) => string[]>> = {
  'ec2:ReplaceRoute': (call) => [`route-table/${field(call, 'RouteTableId')}`],
  'ec2:AssignPrivateIpAddresses': interfaceOf,
  'ec2:UnassignPrivateIpAddresses': interfaceOf,
  'ec2:AssociateAddress': (call) => [
    `elastic-ip/${field(call, 'AllocationId')}`,
    ...interfaceOf(call),
  ],
  'ec2:StopInstances': instancesOf,
  'ec2:StartInstances': instancesOf,
};

const ec2Resources = (call: Call): string[] | undefined => ec2Kinds[call.name]?.(call);

async function ec2Need({ ec2, region }: Account, call: Call, resource: string): Promise<Need> {
  const id = resource.split('/')[1] ?? '';
  const { Tags } = await ec2.send(
    new DescribeTagsCommand({ Filters: [{ Name: 'resource-id', Values: [id] }] }),
  );
  const tags = Object.entries(tagsOf(Tags)).flatMap(([key, value]) =>
    ['aws', 'ec2'].map((prefix) => [`${prefix}:resourcetag/${key}`.toLowerCase(), value] as const),
  );
  return {
    action: call.name,
    resource: `arn:aws:ec2:${region}:${accountId}:${resource}`,
    context: { 'aws:requestedregion': region, ...Object.fromEntries(tags) },
  };
}

async function parameterNeeds(account: Account, call: Call): Promise<Need[]> {
  const { Names, Name, WithDecryption } = call.parameters;
  const names = (Array.isArray(Names) ? Names : [Name]).map(String);
  const needs = await Promise.all(
    names.map(async (name): Promise<Need[]> => {
      const arn = `arn:aws:ssm:${account.region}:${accountId}:parameter/${name.replace(/^\//, '')}`;
      const read = { action: call.name, resource: arn, context: {} };
      const key = WithDecryption === true ? await keyOf(account, name) : undefined;
      if (key === undefined) return [read];
      const context = {
        'kms:viaservice': `ssm.${account.region}.amazonaws.com`,
        'kms:encryptioncontext:parameter_arn': arn,
      };
      return [read, { action: 'kms:Decrypt', resource: key, context }];
    }),
  );
  return needs.flat();
}

/** ARN of the key that the parameter is encrypted with; undefined for one that is not or is not there. */
async function keyOf({ ssm, kms }: Account, name: string): Promise<string | undefined> {
  const found = await ssm.send(
    new DescribeParametersCommand({
      ParameterFilters: [{ Key: 'Name', Option: 'Equals', Values: [name] }],
    }),
  );
  const [parameter] = found.Parameters ?? [];
  if (parameter?.Type !== 'SecureString') return undefined;
  const KeyId = parameter.KeyId ?? 'alias/aws/ssm';
  const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId }));
  return KeyMetadata?.Arn;
}
