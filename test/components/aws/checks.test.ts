import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { GraphResource } from '../../../infra/aws/checks/graph.ts';
import { checks } from '../../../infra/aws/checks/index.ts';
import type { Flow } from '../../../infra/plan/model.ts';
import { awsEnvironments, configOf, planOf } from '../../lib/aws/environments.ts';
import { registeredBy } from '../../lib/aws/mocks.ts';

const { default: program } = await import('../../../infra/index.ts');

interface Mutation {
  readonly check: string;
  readonly what: string;
  /** Type of the resource that is spoilt; the first where several are. */
  readonly type: string;
  readonly spoil: (resource: GraphResource) => GraphResource;
  /** Leaves the graph's own in place and adds the spoilt one. */
  readonly adds?: true;
}

const inputs =
  (change: object) =>
  (resource: GraphResource): GraphResource => ({
    ...resource,
    inputs: { ...resource.inputs, ...change },
  });

const references =
  (change: Readonly<Record<string, readonly string[]>>) =>
  (resource: GraphResource): GraphResource => ({
    ...resource,
    references: { ...resource.references, ...change },
  });

const stopping = (StringEquals: Record<string, string>) => ({
  Action: ['ec2:StopInstances'],
  Resource: ['arn:aws:ec2:eu-central-1:1:instance/*'],
  Condition: { StringEquals },
});
const rights =
  (change: object) =>
  (resource: GraphResource): GraphResource => {
    const document = JSON.parse(String(resource.inputs['policy'])) as { Statement: object[] };
    const [first, ...rest] = document.Statement;
    const policy = JSON.stringify({ ...document, Statement: [{ ...first, ...change }, ...rest] });
    return { ...resource, inputs: { ...resource.inputs, policy } };
  };

const ingress = 'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule';
const egress = 'aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule';
const instance = 'aws:ec2/instance:Instance';
const policy = 'aws:iam/rolePolicy:RolePolicy';

const mutations: readonly Mutation[] = [
  ...[
    { type: ingress, what: 'lets any address in', spoil: inputs({ cidrIpv4: '0.0.0.0/0' }) },
    {
      type: ingress,
      what: 'lets half of the world in',
      spoil: inputs({ cidrIpv4: '128.0.0.0/1' }),
    },
    { type: ingress, what: 'lets any IPv6 address in', spoil: inputs({ cidrIpv6: '::/0' }) },
    {
      type: 'aws:ec2/securityGroup:SecurityGroup',
      what: 'has rules of its own',
      spoil: inputs({ ingress: [{ protocol: '-1', cidrBlocks: ['0.0.0.0/0'] }] }),
    },
    {
      type: 'aws:ec2/subnet:Subnet',
      what: 'gives out public addresses',
      spoil: inputs({ mapPublicIpOnLaunch: true }),
    },
    { type: instance, what: 'is public', spoil: inputs({ associatePublicIpAddress: true }) },
    {
      type: 'aws:lb/loadBalancer:LoadBalancer',
      what: 'faces the internet',
      spoil: inputs({ internal: false }),
    },
  ].map((mutation) => ({ check: 'closed-to-the-world', ...mutation })),
  ...[
    { type: 'aws:ebs/volume:Volume', what: 'is plain', spoil: inputs({ encrypted: false }) },
    {
      type: 'aws:ebs/volume:Volume',
      what: "is under the account's key",
      spoil: references({ kmsKeyId: [] }),
    },
    { type: instance, what: 'has a plain root disk', spoil: inputs({ rootBlockDevice: {} }) },
    { type: 'aws:ssm/parameter:Parameter', what: 'is plain', spoil: inputs({ type: 'String' }) },
    {
      type: 'aws:ssm/parameter:Parameter',
      what: "is under the account's key",
      spoil: references({ keyId: [] }),
    },
    { type: 'aws:kms/key:Key', what: 'stays', spoil: inputs({ enableKeyRotation: false }) },
  ].map((mutation) => ({ check: 'encrypted', ...mutation })),
  { check: 'tagged', type: instance, what: 'has no tags', spoil: inputs({ tags: {} }) },
  {
    check: 'tagged',
    type: 'aws:ec2/vpc:Vpc',
    what: 'has none of the kit',
    spoil: inputs({ tags: { Name: 'x' } }),
  },
  ...[
    { what: 'needs no token', spoil: inputs({ metadataOptions: { httpTokens: 'optional' } }) },
    {
      what: 'reaches two hops',
      spoil: inputs({ metadataOptions: { httpTokens: 'required', httpPutResponseHopLimit: 2 } }),
    },
    { what: 'says nothing', spoil: inputs({ metadataOptions: undefined }) },
  ].map((mutation) => ({ check: 'metadata-by-token', type: instance, ...mutation })),
  ...[
    {
      what: 'is too long',
      spoil: inputs({ userDataBase64: Buffer.alloc(16 * 1024 + 1).toString('base64') }),
    },
    { what: 'is not compressed', spoil: inputs({ userData: '#cloud-config\n' }) },
  ].map((mutation) => ({ check: 'user-data-fits', type: instance, ...mutation })),
  ...[
    { what: 'allows every action of a service', spoil: rights({ Action: ['ssm:*'] }) },
    { what: 'allows everything', spoil: rights({ Action: '*' }) },
    { what: 'allows reading every parameter', spoil: rights({ Resource: ['*'] }) },
    {
      what: 'allows reading a tree of parameters',
      spoil: rights({ Resource: ['arn:aws:ssm:eu-central-1:1:parameter/rabbitmq-ha-kit/*'] }),
    },
    {
      what: 'allows decrypting with every key',
      spoil: rights({ Action: ['kms:Decrypt'], Resource: ['arn:aws:kms:eu-central-1:1:key/*'] }),
    },
    { what: 'stops the instances of others', spoil: rights(stopping({})) },
    {
      what: 'stops every host of its stack',
      spoil: rights(stopping({ 'aws:ResourceTag/rabbitmq-ha-kit:stack': 'mq' })),
    },
    { what: 'allows all but one action', spoil: rights({ NotAction: ['ssm:GetParameters'] }) },
  ].map((mutation) => ({ check: 'least-rights', type: policy, ...mutation })),
  {
    check: 'least-rights',
    type: 'aws:iam/role:Role',
    what: 'is for every account',
    spoil: inputs({
      assumeRolePolicy: JSON.stringify({
        Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: '*' } }],
      }),
    }),
  },
  {
    check: 'least-rights',
    type: policy,
    what: 'is a policy of AWS that is attached',
    spoil: (resource) => ({
      ...resource,
      type: 'aws:iam/rolePolicyAttachment:RolePolicyAttachment',
    }),
    adds: true,
  },
  ...[ingress, egress].flatMap((type) => [
    {
      check: 'flows-pass',
      type,
      what: 'is for another port',
      spoil: inputs({ ipProtocol: 'tcp', fromPort: 1, toPort: 1 }),
    },
    {
      check: 'flows-pass',
      type,
      what: 'is of another group',
      spoil: references({ securityGroupId: [] }),
    },
    {
      check: 'rules-have-flows',
      type,
      what: 'opens a port that nobody asked for',
      spoil: inputs({ ipProtocol: 'tcp', fromPort: 3389, toPort: 3389 }),
      adds: true as const,
    },
    {
      check: 'rules-have-flows',
      type,
      what: 'opens more ports than are asked for',
      spoil: inputs({ ipProtocol: 'tcp', fromPort: 0, toPort: 65_535 }),
      adds: true as const,
    },
    {
      check: 'rules-have-flows',
      type,
      what: 'is for a network that nobody asked for',
      spoil: (resource: GraphResource) =>
        inputs({ cidrIpv4: '192.0.2.0/24' })(
          references({ referencedSecurityGroupId: [] })(resource),
        ),
      adds: true as const,
    },
  ]),
];

interface Trial {
  readonly stack: string;
  readonly graph: readonly GraphResource[];
  readonly flows: readonly Flow[];
}

/** One with a load balancer of AWS, one with hosts that balance, certificates and a monitor. */
const trials: Trial[] = [];

beforeAll(async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAEXAMPLE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'example');
  for (const stack of ['balanced', 'secured']) {
    const environment = awsEnvironments[stack];
    const { flows } = planOf(stack, environment);
    trials.push({ stack, flows, ...(await registeredBy(stack, configOf(environment), program)) });
  }
});
afterAll(() => {
  vi.unstubAllEnvs();
});

it.for(mutations)('$check finds: $type $what', ({ check, type, spoil, adds }) => {
  const fit = trials.filter(({ graph }) => graph.some((resource) => resource.type === type));
  expect(fit).not.toEqual([]);
  for (const { graph, flows } of fit) {
    const index = graph.findIndex((resource) => resource.type === type);
    const spoilt = graph.slice(index, index + 1).map(spoil);
    const kept = adds === true ? graph : graph.filter((_, at) => at !== index);
    expect(findings(check, graph, flows)).toEqual([]);
    expect(findings(check, [...kept, ...spoilt], flows)).not.toEqual([]);
  }
});

it('finds each rule that is taken away', () => {
  for (const { stack, graph, flows } of trials) {
    const rules = graph.filter(({ type }) => type === ingress || type === egress);
    expect(rules.length, stack).toBeGreaterThan(20);
    for (const rule of rules) {
      const without = graph.filter((each) => each !== rule);
      expect(findings('flows-pass', without, flows), rule.name).not.toEqual([]);
    }
  }
});

it('finds rules whose flows are gone', () => {
  for (const { graph, flows } of trials) {
    for (const protocol of ['tcp', 'icmp'] as const) {
      const others = flows.filter((flow) => flow.protocol !== protocol);
      const found = findings('rules-have-flows', graph, others);
      const rules = graph.filter(({ inputs: { ipProtocol } }) => ipProtocol === protocol);
      expect(found.map(({ resource }) => resource.urn).sort()).toEqual(
        rules.map(({ urn }) => urn).sort(),
      );
    }
  }
});

it('spoils something for every check', () => {
  const spoilt = new Set(mutations.map(({ check }) => check));
  expect(spoilt).toEqual(new Set(checks.map(({ name }) => name)));
});

const findings = (name: string, graph: readonly GraphResource[], flows: readonly Flow[]) => {
  const check = checks.find((each) => each.name === name);
  if (check === undefined) throw new Error(`no check ${name}`);
  return check.find(graph, flows);
};
