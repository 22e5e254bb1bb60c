import type * as pulumi from '../../pulumi.ts';
import type { Ground } from '../network.ts';
import { aws, type ec2 } from '../sdk.ts';
import { type AwsSite, nameOf, planned, tagsOf } from '../site.ts';
import { descriptionOf, type GroupName, type GroupRule, groupRules, groupsOf } from './rules.ts';

export interface SecurityGroups {
  /** By name: a role, `endpoints`, `operators`. */
  readonly ids: Readonly<Record<GroupName, pulumi.Output<string>>>;
  /** A host that boots before them would wait for packages and secrets in vain. */
  readonly rules: readonly pulumi.Resource[];
}

/** A group a role, and a rule a line of the plan's flows; what no rule allows is dropped. */
export function createSecurityGroups(site: AwsSite, { vpcId }: Ground): SecurityGroups {
  const rules = groupRules(site.plan);
  const groups = Object.fromEntries(
    groupsOf(rules).map((name) => [name, createGroup(site, vpcId, name)]),
  );
  return {
    ids: Object.fromEntries(Object.entries(groups).map(([name, { id }]) => [name, id])),
    rules: rules.map((rule) => createRule(site, groups, rule)),
  };
}

const createGroup = (
  site: AwsSite,
  vpcId: pulumi.Input<string>,
  name: GroupName,
): ec2.SecurityGroup =>
  new aws.ec2.SecurityGroup(
    nameOf(site, name),
    {
      vpcId,
      description: `${name} of the RabbitMQ environment ${site.plan.stack}`,
      tags: tagsOf(site, name),
    },
    site.opts,
  );

function createRule(
  site: AwsSite,
  groups: Readonly<Record<GroupName, ec2.SecurityGroup>>,
  rule: GroupRule,
): pulumi.Resource {
  const { group, direction, peer, protocol, ports } = rule;
  const { SecurityGroupEgressRule, SecurityGroupIngressRule } = aws.vpc;
  const Rule = direction === 'ingress' ? SecurityGroupIngressRule : SecurityGroupEgressRule;
  return new Rule(
    nameOf(site, rule.name),
    {
      securityGroupId: planned(groups, group, 'security group').id,
      ...(peer.kind === 'cidr'
        ? { cidrIpv4: peer.cidr }
        : { referencedSecurityGroupId: planned(groups, peer.group, 'security group').id }),
      ipProtocol: protocol,
      ...(ports === undefined ? {} : { fromPort: ports[0], toPort: ports[1] }),
      description: descriptionOf(rule),
      tags: tagsOf(site, rule.name),
    },
    site.opts,
  );
}
