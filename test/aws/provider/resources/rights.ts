import {
  AddRoleToInstanceProfileCommand,
  CreateInstanceProfileCommand,
  CreateRoleCommand,
  DeleteInstanceProfileCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  GetInstanceProfileCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  PutRolePolicyCommand,
  RemoveRoleFromInstanceProfileCommand,
  TagRoleCommand,
} from '@aws-sdk/client-iam';
import type { iam as aws } from '@pulumi/aws';
import { z } from 'zod';
import { tagsOf } from '../../cloud/account.ts';
import { autoName, kindOf, must, tagList, tags, unlessMissing } from '../kind.ts';

/** A policy document as it goes over the wire. */
const document = z.string().refine((text) => {
  try {
    return (JSON.parse(text) as { Version?: unknown }).Version === '2012-10-17';
  } catch {
    return false;
  }
}, 'a policy document in JSON, of version 2012-10-17');

const role = kindOf<aws.RoleArgs>()(
  { description: z.string().max(1000), assumeRolePolicy: document, tags },
  {
    replaces: ['description', 'assumeRolePolicy'],
    create: async ({ iam }, { description, assumeRolePolicy, tags: given }, name) => {
      const { Role } = await iam.send(
        new CreateRoleCommand({
          RoleName: autoName(name),
          Description: description,
          AssumeRolePolicyDocument: assumeRolePolicy,
          Tags: tagList(given),
        }),
      );
      return must(Role?.RoleName, 'RoleName');
    },
    read: async ({ iam }, RoleName) => {
      const live = (await unlessMissing(iam.send(new GetRoleCommand({ RoleName }))))?.Role;
      if (live === undefined) return undefined;
      return { arn: live.Arn, name: RoleName, uniqueId: live.RoleId, tags: tagsOf(live.Tags) };
    },
    update: ({ iam }, RoleName, _before, after) =>
      iam.send(new TagRoleCommand({ RoleName, Tags: tagList(after.tags) })),
    delete: ({ iam }, RoleName) => iam.send(new DeleteRoleCommand({ RoleName })),
  },
);

const rolePolicy = kindOf<aws.RolePolicyArgs>()(
  { role: z.string(), policy: document },
  {
    replaces: ['role'],
    create: async ({ iam }, { role: RoleName, policy }, name) => {
      const PolicyName = autoName(name);
      const PolicyDocument = policy;
      await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument }));
      return `${RoleName}:${PolicyName}`;
    },
    read: async ({ iam }, policyId) => {
      const [RoleName, PolicyName] = policyId.split(':');
      const asked = iam.send(new GetRolePolicyCommand({ RoleName, PolicyName }));
      const live = await unlessMissing(asked);
      return live && { name: PolicyName, policy: decodeURIComponent(live.PolicyDocument ?? '') };
    },
    update: async ({ iam }, policyId, _before, { policy }) => {
      const [RoleName, PolicyName] = policyId.split(':');
      const PolicyDocument = policy;
      await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument }));
    },
    delete: async ({ iam }, policyId) => {
      const [RoleName, PolicyName] = policyId.split(':');
      await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName }));
    },
  },
);

const instanceProfile = kindOf<aws.InstanceProfileArgs>()(
  { role: z.string(), tags },
  {
    replaces: ['role'],
    create: async ({ iam }, { role: RoleName, tags: given }, name) => {
      const InstanceProfileName = autoName(name);
      await iam.send(
        new CreateInstanceProfileCommand({ InstanceProfileName, Tags: tagList(given) }),
      );
      await iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName, RoleName }));
      return InstanceProfileName;
    },
    read: async ({ iam }, name) => {
      const asked = iam.send(new GetInstanceProfileCommand({ InstanceProfileName: name }));
      const live = (await unlessMissing(asked))?.InstanceProfile;
      return live && { arn: live.Arn, name, role: live.Roles?.[0]?.RoleName };
    },
    delete: async ({ iam }, InstanceProfileName, { role: RoleName }) => {
      await iam.send(new RemoveRoleFromInstanceProfileCommand({ InstanceProfileName, RoleName }));
      await iam.send(new DeleteInstanceProfileCommand({ InstanceProfileName }));
    },
  },
);

export const rights = {
  'aws:iam/role:Role': role,
  'aws:iam/rolePolicy:RolePolicy': rolePolicy,
  'aws:iam/instanceProfile:InstanceProfile': instanceProfile,
};
