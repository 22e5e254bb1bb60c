import { cidrOf } from '../../cidr.ts';
import { at, type Finding, finding, type Graph, ofType } from './graph.ts';

/** Networks with fewer fixed bits are no network of anybody's: they are the world, or half of it. */
const widestPrefix = 8;

/** Nothing may be reached from the world, and nothing has an address there but NAT and an Elastic IP. */
export function openToTheWorld(graph: Graph): Finding[] {
  return [
    ...ofType(graph, 'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule').flatMap(
      (rule) => {
        const { cidrIpv4, cidrIpv6, prefixListId } = rule.inputs;
        const wide = typeof cidrIpv4 === 'string' && cidrOf(cidrIpv4).prefix < widestPrefix;
        return wide || cidrIpv6 !== undefined || prefixListId !== undefined
          ? [finding(rule, 'lets the world in; name a network of at most a /8, or a group')]
          : [];
      },
    ),
    // Rules that stand in the group itself are in no list of flows.
    ...ofType(graph, 'aws:ec2/securityGroup:SecurityGroup').flatMap((group) =>
      group.inputs['ingress'] === undefined && group.inputs['egress'] === undefined
        ? []
        : [finding(group, 'has rules within it; they are resources of their own')],
    ),
    ...ofType(graph, 'aws:ec2/subnet:Subnet').flatMap((subnet) =>
      subnet.inputs['mapPublicIpOnLaunch'] === true
        ? [finding(subnet, 'gives instances a public address')]
        : [],
    ),
    ...ofType(graph, 'aws:ec2/instance:Instance').flatMap((instance) =>
      instance.inputs['associatePublicIpAddress'] === true
        ? [finding(instance, 'has a public address')]
        : [],
    ),
    ...ofType(graph, 'aws:lb/loadBalancer:LoadBalancer').flatMap((balancer) =>
      at(balancer.inputs, 'internal') === true
        ? []
        : [finding(balancer, 'faces the internet; it has to be internal')],
    ),
  ];
}
