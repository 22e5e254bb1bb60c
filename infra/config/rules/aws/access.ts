import type { Rule } from '../rule.ts';
import { onlyOnAws } from './rule.ts';

const reachableDefinitions: Rule = ({ aws: { access }, definitions: { users, vhosts } }) => {
  const stated = [
    ...Object.keys(users).map((user) => `users.${user}`),
    ...Object.keys(vhosts).map((vhost) => `vhosts.${vhost}`),
  ];
  if (access.method !== 'none' || stated.length === 0) return [];
  return [
    {
      path: 'definitions',
      what: 'cannot come to the brokers: nobody has a way onto their hosts',
      value: stated.join(', '),
      allowed: 'none with aws.access.method: none',
      fix: 'set aws.access.method to instance-connect or session-manager, or remove them and define them over the management API',
      related: ['aws.access.method'],
    },
  ];
};

/** Where an endpoint is that the kit does not make, hosts have to be told who comes from it. */
const endpointIsPlaced: Rule = ({ aws: { access, vpc } }) => {
  const { endpoint, endpointSubnet, method } = access;
  if (endpoint === 'made') {
    return endpointSubnet === undefined
      ? []
      : [
          {
            path: 'aws.access.endpointSubnet',
            what: 'is of an endpoint that is there already, and one would be made',
            value: endpointSubnet,
            allowed: 'nothing with endpoint: made',
            fix: 'leave it out, or set aws.access.endpoint: present',
            related: ['aws.access.endpoint'],
          },
        ];
  }
  if (vpc.id !== undefined && method === 'instance-connect' && endpointSubnet !== undefined) {
    return [];
  }
  return [
    {
      path: 'aws.access.endpoint',
      what: 'says that the VPC has an Instance Connect Endpoint, but not all that leads to it',
      value: endpoint,
      allowed: 'with method: instance-connect, a VPC of your own, and endpointSubnet',
      fix: 'set aws.vpc.id and, as aws.access.endpointSubnet, the range of the subnet that the endpoint is in',
      related: ['aws.access.endpointSubnet', 'aws.access.method', 'aws.vpc.id'],
    },
  ];
};

export const accessRules = [reachableDefinitions, endpointIsPlaced].map(onlyOnAws);
