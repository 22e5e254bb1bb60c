import type { LoadBalancerListener, LoadBalancerPlan } from '../plan/aws.ts';
import type { Ground } from './network.ts';
import type { SecurityGroups } from './security/groups.ts';
import { aws, type ec2, type lb } from './sdk.ts';
import { type AwsSite, nameOf, planned, shortNameOf, tagsOf } from './site.ts';

/** The longest names of load balancers and target groups. */
const longestName = 32;

/** The Network Load Balancers of the plan, by name. */
export const createLoadBalancers = (
  site: AwsSite,
  ground: Ground,
  groups: SecurityGroups,
  instances: Readonly<Record<string, ec2.Instance>>,
): Record<string, lb.LoadBalancer> =>
  Object.fromEntries(
    site.aws.loadBalancers.map((plan) => {
      const balancer = createLoadBalancer(site, ground, groups, plan);
      for (const listener of plan.listeners) {
        createListener(site, ground, balancer, instances, plan, listener);
      }
      return [plan.name, balancer];
    }),
  );

const createLoadBalancer = (
  site: AwsSite,
  { subnetIds }: Ground,
  { ids }: SecurityGroups,
  { name, role, places }: LoadBalancerPlan,
): lb.LoadBalancer =>
  new aws.lb.LoadBalancer(
    shortNameOf(site, name, longestName),
    {
      loadBalancerType: 'network',
      internal: true,
      // Clients may be in a zone whose broker is down.
      enableCrossZoneLoadBalancing: true,
      securityGroups: [planned(ids, role, 'security group')],
      subnetMappings: places.map(({ network, address }) => ({
        subnetId: planned(subnetIds, network, 'subnet'),
        privateIpv4Address: address,
      })),
      tags: tagsOf(site, name),
    },
    // Its addresses are the plan's, and can be with one only.
    { ...site.opts, deleteBeforeReplace: true },
  );

function createListener(
  site: AwsSite,
  { vpcId }: Ground,
  balancer: lb.LoadBalancer,
  instances: Readonly<Record<string, ec2.Instance>>,
  { name: balancerName }: LoadBalancerPlan,
  listener: LoadBalancerListener,
): void {
  const { name, port, targets, idleTimeoutSeconds } = listener;
  const part = `${balancerName}-${name}`;
  const group = new aws.lb.TargetGroup(
    shortNameOf(site, name, longestName),
    { vpcId, tags: tagsOf(site, part), ...targetGroupOf(listener) },
    site.opts,
  );
  for (const target of targets) {
    new aws.lb.TargetGroupAttachment(
      nameOf(site, `${part}-${target.host}`),
      {
        targetGroupArn: group.arn,
        targetId: planned(instances, target.host, 'instance').id,
        port: target.port,
      },
      site.opts,
    );
  }
  new aws.lb.Listener(
    nameOf(site, part),
    {
      loadBalancerArn: balancer.arn,
      port,
      protocol: 'TCP',
      tcpIdleTimeoutSeconds: idleTimeoutSeconds,
      defaultActions: [{ type: 'forward', targetGroupArn: group.arn }],
      tags: tagsOf(site, part),
    },
    site.opts,
  );
}

/** Connections of a broker that leaves are cut at once: clients reconnect to the others. */
function targetGroupOf({
  port,
  healthCheck,
  cutOnUnhealthy,
}: LoadBalancerListener): lb.TargetGroupArgs {
  const { protocol, path, intervalSeconds, timeoutSeconds, rise, fall } = healthCheck;
  return {
    port,
    protocol: 'TCP',
    targetType: 'instance',
    preserveClientIp: 'false',
    connectionTermination: cutOnUnhealthy,
    deregistrationDelay: 0,
    targetHealthStates: [{ enableUnhealthyConnectionTermination: cutOnUnhealthy }],
    healthCheck: {
      protocol: protocol.toUpperCase(),
      port: String(healthCheck.port),
      ...(path === undefined ? {} : { path, matcher: '200' }),
      interval: intervalSeconds,
      timeout: timeoutSeconds,
      healthyThreshold: rise,
      unhealthyThreshold: fall,
    },
  };
}
