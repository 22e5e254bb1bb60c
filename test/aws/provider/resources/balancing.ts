import {
  AddTagsCommand,
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DeleteListenerCommand,
  DeleteLoadBalancerCommand,
  DeleteTargetGroupCommand,
  DeregisterTargetsCommand,
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ModifyListenerAttributesCommand,
  ModifyLoadBalancerAttributesCommand,
  ModifyTargetGroupAttributesCommand,
  ModifyTargetGroupCommand,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { lb as aws } from '@pulumi/aws';
import { z } from 'zod';
import type { Account } from '../../cloud/account.ts';
import { arn, autoName, id, kindOf, must, tagList, tags, unlessMissing } from '../kind.ts';

/** Longest physical name of balancers and target groups. */
const nameOf = (logical: string): string => {
  const name = autoName(logical);
  if (name.length <= 32) return name;
  throw new Error(`ValidationError: the name ${name} is longer than 32 characters`);
};

const retag = ({ elb }: Account, resource: string, given: Record<string, string>) =>
  elb.send(new AddTagsCommand({ ResourceArns: [resource], Tags: tagList(given) }));

const loadBalancer = kindOf<aws.LoadBalancerArgs>()(
  {
    loadBalancerType: z.literal('network'),
    internal: z.literal(true),
    enableCrossZoneLoadBalancing: z.boolean(),
    securityGroups: z.array(id('sg')).min(1),
    subnetMappings: z
      .array(z.strictObject({ subnetId: id('subnet'), privateIpv4Address: z.ipv4() }))
      .min(1),
    tags,
  },
  {
    replaces: ['loadBalancerType', 'internal', 'securityGroups', 'subnetMappings'],
    create: async ({ elb }, inputs, logical) => {
      const { LoadBalancers: [made] = [] } = await elb.send(
        new CreateLoadBalancerCommand({
          Name: nameOf(logical),
          Type: inputs.loadBalancerType,
          Scheme: 'internal',
          SecurityGroups: inputs.securityGroups,
          SubnetMappings: inputs.subnetMappings.map(({ subnetId, privateIpv4Address }) => ({
            SubnetId: subnetId,
            PrivateIPv4Address: privateIpv4Address,
          })),
          Tags: tagList(inputs.tags),
        }),
      );
      const LoadBalancerArn = must(made?.LoadBalancerArn, 'LoadBalancerArn');
      const Value = String(inputs.enableCrossZoneLoadBalancing);
      const Attributes = [{ Key: 'load_balancing.cross_zone.enabled', Value }];
      await elb.send(new ModifyLoadBalancerAttributesCommand({ LoadBalancerArn, Attributes }));
      return LoadBalancerArn;
    },
    read: async ({ elb }, balancer) => {
      const asked = elb.send(new DescribeLoadBalancersCommand({ LoadBalancerArns: [balancer] }));
      const [live] = (await unlessMissing(asked))?.LoadBalancers ?? [];
      return (
        live && {
          arn: balancer,
          name: live.LoadBalancerName,
          dnsName: live.DNSName,
          zoneId: live.CanonicalHostedZoneId,
        }
      );
    },
    update: (account, balancer, _before, after) => retag(account, balancer, after.tags),
    delete: ({ elb }, LoadBalancerArn) =>
      elb.send(new DeleteLoadBalancerCommand({ LoadBalancerArn })),
  },
);

const healthCheck = z.strictObject({
  protocol: z.enum(['HTTP', 'HTTPS', 'TCP']),
  port: z.string().regex(/^\d+$/),
  path: z.string().startsWith('/').optional(),
  matcher: z.string().optional(),
  interval: z.int().min(5).max(300),
  timeout: z.int().min(2).max(120),
  healthyThreshold: z.int().min(2).max(10),
  unhealthyThreshold: z.int().min(2).max(10),
});

const checkOf = (check: z.infer<typeof healthCheck>) => ({
  HealthCheckProtocol: check.protocol,
  HealthCheckPort: check.port,
  ...(check.path === undefined ? {} : { HealthCheckPath: check.path }),
  ...(check.matcher === undefined ? {} : { Matcher: { HttpCode: check.matcher } }),
  HealthCheckIntervalSeconds: check.interval,
  HealthCheckTimeoutSeconds: check.timeout,
  HealthyThresholdCount: check.healthyThreshold,
  UnhealthyThresholdCount: check.unhealthyThreshold,
});

const targetGroup = kindOf<aws.TargetGroupArgs>()(
  {
    vpcId: id('vpc'),
    port: z.int().min(1).max(65_535),
    protocol: z.literal('TCP'),
    targetType: z.literal('instance'),
    preserveClientIp: z.enum(['true', 'false']),
    connectionTermination: z.boolean(),
    deregistrationDelay: z.int().min(0).max(3600),
    targetHealthStates: z
      .array(z.strictObject({ enableUnhealthyConnectionTermination: z.boolean() }))
      .length(1),
    healthCheck,
    tags,
  },
  {
    replaces: ['vpcId', 'port', 'protocol', 'targetType'],
    create: async ({ elb }, inputs, logical) => {
      const { TargetGroups: [made] = [] } = await elb.send(
        new CreateTargetGroupCommand({
          Name: nameOf(logical),
          VpcId: inputs.vpcId,
          Port: inputs.port,
          Protocol: inputs.protocol,
          TargetType: inputs.targetType,
          ...checkOf(inputs.healthCheck),
          Tags: tagList(inputs.tags),
        }),
      );
      const TargetGroupArn = must(made?.TargetGroupArn, 'TargetGroupArn');
      const [health] = inputs.targetHealthStates;
      const attributes = {
        'preserve_client_ip.enabled': inputs.preserveClientIp,
        'deregistration_delay.timeout_seconds': String(inputs.deregistrationDelay),
        'deregistration_delay.connection_termination.enabled': String(inputs.connectionTermination),
        'target_health_state.unhealthy.connection_termination.enabled': String(
          health?.enableUnhealthyConnectionTermination,
        ),
      };
      const Attributes = tagList(attributes);
      await elb.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn, Attributes }));
      return TargetGroupArn;
    },
    read: async ({ elb }, group) => {
      const asked = elb.send(new DescribeTargetGroupsCommand({ TargetGroupArns: [group] }));
      const [live] = (await unlessMissing(asked))?.TargetGroups ?? [];
      return live && { arn: group, name: live.TargetGroupName, port: live.Port };
    },
    update: async (account, TargetGroupArn, _before, after) => {
      await account.elb.send(
        new ModifyTargetGroupCommand({ TargetGroupArn, ...checkOf(after.healthCheck) }),
      );
      await retag(account, TargetGroupArn, after.tags);
    },
    delete: ({ elb }, TargetGroupArn) => elb.send(new DeleteTargetGroupCommand({ TargetGroupArn })),
  },
);

const targetGroupAttachment = kindOf<aws.TargetGroupAttachmentArgs>()(
  { targetGroupArn: arn, targetId: id('i'), port: z.int().min(1).max(65_535) },
  {
    replaces: ['targetGroupArn', 'targetId', 'port'],
    create: async ({ elb }, { targetGroupArn, targetId, port }) => {
      const Targets = [{ Id: targetId, Port: port }];
      await elb.send(new RegisterTargetsCommand({ TargetGroupArn: targetGroupArn, Targets }));
      return `${targetGroupArn}-${targetId}-${port}`;
    },
    read: async ({ elb }, _id, { targetGroupArn: TargetGroupArn, targetId }) => {
      const asked = elb.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
      const live = (await unlessMissing(asked))?.TargetHealthDescriptions?.find(
        ({ Target }) => Target?.Id === targetId,
      );
      return live && { targetId };
    },
    delete: async ({ elb }, _id, { targetGroupArn, targetId, port }) => {
      const Targets = [{ Id: targetId, Port: port }];
      await elb.send(new DeregisterTargetsCommand({ TargetGroupArn: targetGroupArn, Targets }));
    },
  },
);

const listener = kindOf<aws.ListenerArgs>()(
  {
    loadBalancerArn: arn,
    port: z.int().min(1).max(65_535),
    protocol: z.literal('TCP'),
    tcpIdleTimeoutSeconds: z.int().min(60).max(6000),
    defaultActions: z
      .array(z.strictObject({ type: z.literal('forward'), targetGroupArn: arn }))
      .length(1),
    tags,
  },
  {
    replaces: ['loadBalancerArn', 'port', 'protocol', 'defaultActions', 'tcpIdleTimeoutSeconds'],
    create: async ({ elb }, inputs) => {
      const { Listeners: [made] = [] } = await elb.send(
        new CreateListenerCommand({
          LoadBalancerArn: inputs.loadBalancerArn,
          Port: inputs.port,
          Protocol: inputs.protocol,
          DefaultActions: inputs.defaultActions.map(({ type, targetGroupArn }) => ({
            Type: type,
            TargetGroupArn: targetGroupArn,
          })),
          Tags: tagList(inputs.tags),
        }),
      );
      const ListenerArn = must(made?.ListenerArn, 'ListenerArn');
      const Value = String(inputs.tcpIdleTimeoutSeconds);
      const Attributes = [{ Key: 'tcp.idle_timeout.seconds', Value }];
      await elb.send(new ModifyListenerAttributesCommand({ ListenerArn, Attributes }));
      return ListenerArn;
    },
    read: async ({ elb }, listenerArn) => {
      const asked = elb.send(new DescribeListenersCommand({ ListenerArns: [listenerArn] }));
      const [live] = (await unlessMissing(asked))?.Listeners ?? [];
      return live && { arn: listenerArn, port: live.Port, protocol: live.Protocol };
    },
    update: (account, listenerArn, _before, after) => retag(account, listenerArn, after.tags),
    delete: ({ elb }, ListenerArn) => elb.send(new DeleteListenerCommand({ ListenerArn })),
  },
);

export const balancing = {
  'aws:lb/loadBalancer:LoadBalancer': loadBalancer,
  'aws:lb/targetGroup:TargetGroup': targetGroup,
  'aws:lb/targetGroupAttachment:TargetGroupAttachment': targetGroupAttachment,
  'aws:lb/listener:Listener': listener,
};
