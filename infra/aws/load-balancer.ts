import type { LoadBalancerListener, LoadBalancerPlan } from '../plan/aws.ts';
import type { Ground } from './network.ts';
import type { SecurityGroups } from './security/groups.ts';
import { aws, type ec2, type lb } from './sdk.ts';
import { attachedOnce, type AwsSite, nameOf, planned, shortNameOf, tagsOf } from './site.ts';

/** The longest names of load balancers and target groups. */
const longestName = 32;

/** A listener of the plan with the group of targets that it leads to. */
export interface Service {
  readonly balancer: LoadBalancerPlan;
  readonly listener: LoadBalancerListener;
  /** Name among the resources of the stack. */
  readonly part: string;
  readonly group: lb.TargetGroup;
}

/** Groups without targets: instances come into them one by one, see `attachTargets`. */
export const createServices = (site: AwsSite, { vpcId }: Ground): Service[] =>
  site.aws.loadBalancers.flatMap((balancer) =>
    balancer.listeners.map((listener) => {
      const part = `${balancer.name}-${listener.name}`;
      const group = new aws.lb.TargetGroup(
        shortNameOf(site, listener.name, longestName),
        { vpcId, tags: tagsOf(site, part), ...targetGroupOf(listener) },
        site.opts,
      );
      return { balancer, listener, part, group };
    }),
  );

/** Has load balancers lead to an instance. */
export const attachTargets = (
  site: AwsSite,
  services: readonly Service[],
  host: string,
  instance: ec2.Instance,
): lb.TargetGroupAttachment[] =>
  services.flatMap(({ listener, part, group }) =>
    listener.targets
      .filter((target) => target.host === host)
      .map(
        ({ port }) =>
          new aws.lb.TargetGroupAttachment(
            nameOf(site, `${part}-${host}`),
            { targetGroupArn: group.arn, targetId: instance.id, port },
            attachedOnce(site),
          ),
      ),
  );

/** The Network Load Balancers of the plan, by name. */
export const createLoadBalancers = (
  site: AwsSite,
  ground: Ground,
  groups: SecurityGroups,
  services: readonly Service[],
): Record<string, lb.LoadBalancer> =>
  Object.fromEntries(
    site.aws.loadBalancers.map((plan) => {
      const balancer = createLoadBalancer(site, ground, groups, plan);
      for (const service of services) {
        if (service.balancer === plan) createListener(site, balancer, service);
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

const createListener = (
  site: AwsSite,
  balancer: lb.LoadBalancer,
  { listener: { port, idleTimeoutSeconds }, part, group }: Service,
): lb.Listener =>
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
