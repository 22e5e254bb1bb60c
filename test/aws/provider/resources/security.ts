import {
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DeleteSecurityGroupCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSecurityGroupsCommand,
  type IpPermission,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2';
import type { ec2 as aws, vpc } from '@pulumi/aws';
import { z } from 'zod';
import { type Account, tagsOf } from '../../cloud/account.ts';
import { retag, tagged } from '../ec2-tags.ts';
import { autoName, id, type Kind, kindOf, must, tags, unlessMissing } from '../kind.ts';

/** Letters that EC2 takes in descriptions of groups and rules. */
const description = z.string().regex(/^[a-zA-Z0-9 ._\-:/()#,@[\]+=&;{}!$*]{1,255}$/);

const securityGroup = kindOf<aws.SecurityGroupArgs>()(
  { vpcId: id('vpc'), description, tags },
  {
    replaces: ['vpcId', 'description'],
    create: async ({ ec2 }, { vpcId, description: Description, tags: given }, name) => {
      const { GroupId } = await ec2.send(
        new CreateSecurityGroupCommand({
          GroupName: autoName(name),
          Description,
          VpcId: vpcId,
          ...tagged('security-group', given),
        }),
      );
      // A new group lets everything out; the provider takes that away.
      const all = { IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] };
      await ec2.send(new RevokeSecurityGroupEgressCommand({ GroupId, IpPermissions: [all] }));
      return must(GroupId, 'GroupId');
    },
    read: async ({ ec2 }, group) => {
      const asked = ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [group] }));
      const [live] = (await unlessMissing(asked))?.SecurityGroups ?? [];
      if (live === undefined) return undefined;
      return {
        arn: live.SecurityGroupArn,
        name: live.GroupName,
        vpcId: live.VpcId,
        description: live.Description,
        tags: tagsOf(live.Tags),
      };
    },
    update: (account, group, before, after) => retag(account, group, before.tags, after.tags),
    delete: ({ ec2 }, GroupId) => ec2.send(new DeleteSecurityGroupCommand({ GroupId })),
  },
);

const ruleShape = {
  securityGroupId: id('sg'),
  cidrIpv4: z.cidrv4().optional(),
  referencedSecurityGroupId: id('sg').optional(),
  ipProtocol: z.enum(['tcp', 'udp', 'icmp', '112']),
  fromPort: z.int().min(-1).max(65_535).optional(),
  toPort: z.int().min(-1).max(65_535).optional(),
  description,
  tags,
};
type Rule = z.infer<z.ZodObject<typeof ruleShape>>;

function permissionOf(rule: Rule): IpPermission {
  const { cidrIpv4, referencedSecurityGroupId, description: Description } = rule;
  if ((cidrIpv4 === undefined) === (referencedSecurityGroupId === undefined)) {
    throw new Error('InvalidParameterCombination: a rule has one peer, a CIDR or a group');
  }
  if ((rule.ipProtocol === '112') !== (rule.fromPort === undefined)) {
    throw new Error('InvalidParameterCombination: ports go with tcp, udp and icmp, and only there');
  }
  return {
    IpProtocol: rule.ipProtocol,
    FromPort: rule.fromPort,
    ToPort: rule.toPort,
    ...(cidrIpv4 === undefined ? {} : { IpRanges: [{ CidrIp: cidrIpv4, Description }] }),
    ...(referencedSecurityGroupId === undefined
      ? {}
      : { UserIdGroupPairs: [{ GroupId: referencedSecurityGroupId, Description }] }),
  };
}

const replacesRule = [
  'securityGroupId',
  'cidrIpv4',
  'referencedSecurityGroupId',
  'ipProtocol',
  'fromPort',
  'toPort',
  'description',
];

function ruleKind(direction: 'ingress' | 'egress'): Omit<Kind<Rule>, 'inputs'> {
  return {
    replaces: replacesRule,
    create: async ({ ec2 }: Account, rule) => {
      const wanted = {
        GroupId: rule.securityGroupId,
        IpPermissions: [permissionOf(rule)],
        ...tagged('security-group-rule', rule.tags),
      };
      const { SecurityGroupRules: [made] = [] } =
        direction === 'ingress'
          ? await ec2.send(new AuthorizeSecurityGroupIngressCommand(wanted))
          : await ec2.send(new AuthorizeSecurityGroupEgressCommand(wanted));
      return must(made?.SecurityGroupRuleId, 'SecurityGroupRuleId');
    },
    read: async ({ ec2 }: Account, rule) => {
      const asked = ec2.send(
        new DescribeSecurityGroupRulesCommand({ SecurityGroupRuleIds: [rule] }),
      );
      const [live] = (await unlessMissing(asked))?.SecurityGroupRules ?? [];
      if (live === undefined) return undefined;
      return {
        securityGroupRuleId: rule,
        arn: live.SecurityGroupRuleArn,
        cidrIpv4: live.CidrIpv4,
        referencedSecurityGroupId: live.ReferencedGroupInfo?.GroupId,
        ipProtocol: live.IpProtocol,
      };
    },
    update: (account, rule, before, after) => retag(account, rule, before.tags, after.tags),
    delete: async ({ ec2 }: Account, rule, { securityGroupId }) => {
      const which = { GroupId: securityGroupId, SecurityGroupRuleIds: [rule] };
      if (direction === 'ingress') await ec2.send(new RevokeSecurityGroupIngressCommand(which));
      else await ec2.send(new RevokeSecurityGroupEgressCommand(which));
    },
  };
}

export const security = {
  'aws:ec2/securityGroup:SecurityGroup': securityGroup,
  'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule':
    kindOf<vpc.SecurityGroupIngressRuleArgs>()(ruleShape, ruleKind('ingress')),
  'aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule':
    kindOf<vpc.SecurityGroupEgressRuleArgs>()(ruleShape, ruleKind('egress')),
};
