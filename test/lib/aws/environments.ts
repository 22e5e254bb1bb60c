import { loadEnvironment } from '../../../infra/config/load.ts';
import { deepMerge } from '../../../infra/config/merge.ts';
import { planEnvironment } from '../../../infra/plan/environment.ts';
import type { EnvironmentPlan } from '../../../infra/plan/model.ts';
import { readyStacks } from '../ready-stacks.ts';

/** No stack file pins an image: which one is right depends on the day. */
const images = {
  aws: { images: { trixie: 'ami-0000000000000013', bookworm: 'ami-0000000000000012' } },
};

const onAws = (settings: object, aws: object = {}): object => ({
  target: 'aws',
  topology: 'quorum-cluster',
  brokers: { memory: '7GiB', disk: '100GiB' },
  ...settings,
  aws: { region: 'eu-central-1', ...aws },
});

/** What no ready stack has. */
const variants: Readonly<Record<string, object>> = {
  'elastic-ip': onAws(
    { topology: 'warren', network: { zones: ['a', 'b'], clients: ['203.0.113.0/24'] } },
    { virtualAddress: { mechanism: 'elastic-ip' }, goldenImage: true, testRig: true },
  ),
  'own-vpc': onAws(
    {
      network: {
        cidr: '10.20.0.0/16',
        subnets: { a: '10.20.16.0/20', b: '10.20.32.0/20', c: '10.20.48.0/20' },
      },
    },
    {
      vpc: {
        id: 'vpc-0123456789abcdef0',
        subnets: {
          a: 'subnet-0123456789abcdefa',
          b: 'subnet-0123456789abcdefb',
          c: 'subnet-0123456789abcdefc',
        },
        routeTables: ['rtb-0123456789abcdef0', 'rtb-0123456789abcdef1'],
        endpoints: 'present',
      },
      tags: { team: 'shop' },
    },
  ),
  offline: onAws(
    { frontEnd: 'direct' },
    { nat: 'none', goldenImage: true, access: { method: 'session-manager' } },
  ),
  brought: onAws(
    { definitions: { users: { shop: {} }, vhosts: { orders: {} } } },
    { secrets: { parameters: { 'erlang-cookie': '/a/b', 'user-shop-password': '/a/shop' } } },
  ),
  unreachable: onAws({ tls: { enabled: true } }, { access: { method: 'none' } }),
  balanced: onAws({ frontEnd: 'nlb' }, { nat: 'per-zone' }),
  secured: onAws({ tls: { enabled: true, betweenNodes: true }, monitoring: { enabled: true } }),
};

/** By stack name: the ready stacks of the target, as they are, and what they do not show. */
export const readyAwsStacks: Readonly<Record<string, unknown>> = Object.fromEntries(
  readyStacks
    .filter(({ environment }) => (environment as { target?: string }).target === 'aws')
    .map(({ stack, environment }) => [stack, environment]),
);

export const awsEnvironments: Readonly<Record<string, unknown>> = {
  ...readyAwsStacks,
  ...variants,
};

/** Config of a stack as Pulumi hands it to the program. */
export const configOf = (environment: unknown): Record<string, string> => ({
  'rabbitmq-ha-kit:environment': JSON.stringify(environment),
  'rabbitmq-ha-kit:override': JSON.stringify(images),
});

export const planOf = (stack: string, environment: unknown, more: object = {}): EnvironmentPlan =>
  planEnvironment(loadEnvironment(environment, deepMerge(images, more), stack));
