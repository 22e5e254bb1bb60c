import { expect, it } from 'vitest';
import { loadEnvironment } from '../../../infra/config/load.ts';
import { planEnvironment } from '../../../infra/plan/environment.ts';
import { groupRules } from '../../../infra/aws/security/rules.ts';

const subnets = Object.fromEntries(['a', 'b', 'c'].map((z) => [z, `subnet-0123456789abcdef${z}`]));
const load = (access: object, vpc: object = { id: 'vpc-0123456789abcdef0', subnets }) =>
  loadEnvironment(
    {
      target: 'aws',
      topology: 'quorum-cluster',
      frontEnd: 'direct',
      network: {
        cidr: '10.20.0.0/16',
        zones: ['a', 'b', 'c'],
        subnets: { a: '10.20.16.0/20', b: '10.20.32.0/20', c: '10.20.48.0/20' },
      },
      brokers: { memory: '7GiB', disk: '100GiB' },
      aws: { region: 'eu-central-1', vpc, access },
    },
    undefined,
    'shop',
  );

it('an endpoint that is there is used: none is made, and hosts let its subnet in', () => {
  const plan = planEnvironment(load({ endpoint: 'present', endpointSubnet: '10.20.200.0/24' }));
  expect(plan.aws?.access.network).toBeUndefined();
  const shells = groupRules(plan).filter(({ ports }) => ports?.[0] === 22);
  expect(shells.map(({ group, direction, peer }) => ({ group, direction, peer }))).toEqual([
    {
      group: 'broker',
      direction: 'ingress',
      peer: { kind: 'cidr', cidr: '10.20.200.0/24' },
    },
  ]);
});

it.each([
  ['without its subnet', { endpoint: 'present' }, undefined],
  ['in a VPC that is made', { endpoint: 'present', endpointSubnet: '10.20.200.0/24' }, {}],
  [
    'for Session Manager',
    { endpoint: 'present', endpointSubnet: '10.20.200.0/24', method: 'none' },
    undefined,
  ],
])('an endpoint that is there, %s, is refused', (_, access, vpc) => {
  expect(() => load(access, vpc)).toThrow(/aws\.access\.endpoint[^]*endpointSubnet/);
});

it('a subnet without an endpoint that is there is refused', () => {
  expect(() => load({ endpointSubnet: '10.20.200.0/24' })).toThrow('aws.access.endpointSubnet');
});
