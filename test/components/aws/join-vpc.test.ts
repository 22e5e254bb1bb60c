import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { checks } from '../../../infra/aws/checks/index.ts';
import { ofType } from '../../../infra/aws/checks/graph.ts';
import { repositoryRoot } from '../../../infra/paths.ts';
import type { Flow } from '../../../infra/plan/model.ts';
import { awaited, type RegisteredResource, registeredBy } from '../../lib/aws/mocks.ts';

/** The example's own stack file, as Pulumi hands it to a program: text, or JSON. */
const { config } = parse(
  readFileSync(join(repositoryRoot, 'examples/join-vpc/Pulumi.dev.yaml'), 'utf8'),
) as { config: Record<string, unknown> };
const handed = Object.fromEntries(
  Object.entries(config).map(([key, value]) => [
    key,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]),
);

let graph: readonly RegisteredResource[];
let outputs: Record<string, unknown>;

beforeAll(async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAEXAMPLE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'example');
  const program = async () => ({ ...(await import('../../../examples/join-vpc/index.ts')) });
  const registered = await registeredBy('dev', handed, program, 'join-vpc');
  graph = registered.graph;
  outputs = registered.outputs as Record<string, unknown>;
});
afterAll(() => {
  vi.unstubAllEnvs();
});

it('makes nothing of a network that is there', () => {
  const types = graph.map(({ type }) => type);
  for (const made of [
    'vpc:Vpc',
    'subnet:Subnet',
    'natGateway:NatGateway',
    'vpcEndpoint:VpcEndpoint',
  ]) {
    expect(types).not.toContain(`aws:ec2/${made}`);
  }
  const subnets = ofType(graph, 'aws:ec2/networkInterface:NetworkInterface').map(
    ({ inputs }) => inputs['subnetId'],
  );
  expect(new Set(subnets)).toEqual(
    new Set(['a', 'b', 'c'].map((zone) => `subnet-0123456789abcdef${zone}`)),
  );
});

it('leads the overlay address through the route tables that are named, and may move it there', () => {
  const routes = ofType(graph, 'aws:ec2/route:Route') as RegisteredResource[];
  expect(routes.map(({ inputs }) => inputs['routeTableId']).sort()).toEqual(
    config['join-vpc:routeTables'],
  );
  for (const { ignoreChanges } of routes) expect(ignoreChanges).toEqual(['networkInterfaceId']);
  const [policy] = ofType(graph, 'aws:iam/rolePolicy:RolePolicy').filter(({ name }) =>
    name.includes('balancer-1'),
  );
  expect(policy?.inputs['policy']).toContain(
    '"Action":["ec2:ReplaceRoute"],"Resource":["arn:aws:ec2:eu-central-1:123456789012:route-table/rtb-0123456789abcdefa"',
  );
});

it("names everything after the component and Pulumi's stack, under the environment's own tags and the user's", () => {
  const made = graph.filter(({ type }) => type.startsWith('aws:'));
  expect(made.length).toBeGreaterThan(50);
  for (const { name } of made) expect(name).toMatch(/^mq-dev-/);
  const [instance] = ofType(graph, 'aws:ec2/instance:Instance');
  expect(instance?.inputs['tags']).toMatchObject({
    'rabbitmq-ha-kit:stack': 'mq-dev',
    team: 'shop',
  });
});

it('holds every check, and tells where RabbitMQ is', () => {
  const flows = graph.flatMap(({ type, outputs: own }) =>
    type === 'kit:index:RabbitmqEnvironment' ? ((own['flows'] ?? []) as Flow[]) : [],
  );
  expect(flows.length).toBeGreaterThan(10);
  for (const { name, find } of checks) expect(find(graph, flows), name).toEqual([]);
  expect(outputs['endpoints']).toMatchObject({ amqp: 'amqp://10.255.255.10:5672' });
});

it("changes nothing before the guard has spoken, also by a provider of the user's own", async () => {
  const { RabbitmqEnvironment } = await import('../../../infra/library.ts');
  const { Provider } = await import('@pulumi/aws');
  const { graph: own } = await registeredBy('own', {}, () => {
    const provider = new Provider('mine', { region: 'eu-central-1' });
    new RabbitmqEnvironment(
      'mq',
      {
        target: 'aws',
        topology: 'quorum-cluster',
        brokers: { memory: '7GiB', disk: '100GiB' },
        aws: { region: 'eu-central-1', images: { trixie: 'ami-0000000000000013' } },
      },
      { provider },
    );
  });
  const [guard] = ofType(own, 'rig:rabbitmq:ChangeGuard') as RegisteredResource[];
  const made = own.filter(({ type }) => type.startsWith('aws:'));
  expect(made.length).toBeGreaterThan(50);
  for (const resource of made) {
    expect([...awaited(own, resource)], resource.name).toContain(guard?.urn);
  }
});
