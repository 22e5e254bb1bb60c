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

export const accessRules = [reachableDefinitions].map(onlyOnAws);
