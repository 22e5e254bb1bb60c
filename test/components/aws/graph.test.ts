import { beforeAll, describe, expect, it } from 'vitest';
import { checks } from '../../../infra/aws/checks/index.ts';
import { ofType } from '../../../infra/aws/checks/graph.ts';
import type { EnvironmentPlan } from '../../../infra/plan/model.ts';
import { withCredentials } from '../../lib/aws/credentials.ts';
import { awsEnvironments, configOf, planOf, readyAwsStacks } from '../../lib/aws/environments.ts';
import { graphText } from '../../lib/aws/graph-text.ts';
import {
  awaited,
  type RegisteredResource,
  registeredBy,
  secretMark,
  versionOf,
} from '../../lib/aws/mocks.ts';
import { goldenTree } from '../../lib/golden.ts';

const { default: program } = await import('../../../infra/index.ts');

withCredentials();

describe.each(Object.entries(awsEnvironments))('the program of %s', (stack, environment) => {
  let graph: RegisteredResource[];
  let plan: EnvironmentPlan;

  beforeAll(async () => {
    plan = planOf(stack, environment);
    ({ graph } = await registeredBy(stack, configOf(environment), program));
  });

  it.each(checks)('$description', ({ find }) => {
    expect(find(graph, plan.flows)).toEqual([]);
  });

  it('makes an instance of each host, with its own address, in a chain', () => {
    const instances = ofType(graph, 'aws:ec2/instance:Instance') as RegisteredResource[];
    expect(instances.map(({ inputs }) => tagOf(inputs, 'host')).sort()).toEqual(
      plan.hosts.map(({ name }) => name).sort(),
    );
    const urns = plan.hosts.map(({ name }) => urnOf(instances, name));
    for (const [index, urn] of urns.entries()) {
      const { dependsOn, deleteBeforeReplace } = found(graph, urn);
      expect(deleteBeforeReplace).toBe(true);
      // Before it stands its turn, which is told what the instance is made of by values that are known.
      const turn = found(graph, dependsOn.find((each) => each.endsWith('-turn')) ?? '');
      expect(turn.inputs).toMatchObject({
        host: plan.hosts[index]?.name,
        madeOf: {
          type: found(graph, urn).inputs['instanceType'],
          // Another key of the operators is another instance, too.
          key: found(graph, urn).inputs['keyName'] ?? '',
        },
      });
      const before = awaited(graph, turn);
      expect(urns.filter((each) => before.has(each))).toEqual(urns.slice(0, index));
    }
  });

  it('has brokers serve before balancers turn to them, and asks first of all whether it may', () => {
    const [service] = ofType(graph, 'rig:rabbitmq:Service') as RegisteredResource[];
    const [definitions] = ofType(graph, 'rig:rabbitmq:Definitions') as RegisteredResource[];
    const turns = ofType(graph, 'rig:rabbitmq:Turn') as RegisteredResource[];
    for (const host of plan.hosts) {
      const turn = turns.find(({ inputs }) => inputs['host'] === host.name);
      const before = turn === undefined ? new Set() : awaited(graph, turn);
      const serves = host.roles.some((role) => ['broker', 'quorum'].includes(role));
      expect(before.has(definitions?.urn ?? '')).toBe(!serves);
    }
    const brokers = plan.hosts.filter(({ roles }) => roles.includes('broker'));
    expect(service?.inputs['brokers']).toEqual(brokers.map(({ name }) => name));
    const [provider] = ofType(graph, 'pulumi:providers:aws') as RegisteredResource[];
    const [guard] = ofType(graph, 'rig:rabbitmq:ChangeGuard') as RegisteredResource[];
    expect(provider?.dependsOn).toContain(guard?.urn);
  });

  it('takes away first what there can be one of, and has a gateway before an address of it', () => {
    const single = ofType(
      graph,
      'aws:lb/loadBalancer:LoadBalancer',
      'aws:ec2transitgateway/instanceConnectEndpoint:InstanceConnectEndpoint',
    ) as RegisteredResource[];
    expect(single.length).toBe(
      (plan.aws?.loadBalancers.length ?? 0) + (plan.aws?.access.network === undefined ? 0 : 1),
    );
    for (const { name, deleteBeforeReplace } of single)
      expect(deleteBeforeReplace, name).toBe(true);
    const [gateway] = ofType(
      graph,
      'aws:ec2/internetGateway:InternetGateway',
    ) as RegisteredResource[];
    // Nothing ties it to an interface, which fail-over gives it to, but it goes after all of them.
    const elastic = ofType(graph, 'aws:ec2/eip:Eip').find(({ name }) => name === `${stack}-vip`);
    expect(elastic !== undefined).toBe(plan.aws?.virtualAddresses[0]?.mechanism === 'elastic-ip');
    if (elastic === undefined) return;
    expect(awaited(graph, elastic as RegisteredResource)).toContain(gateway?.urn);
    for (const each of ofType(graph, 'aws:ec2/networkInterface:NetworkInterface')) {
      expect(awaited(graph, each as RegisteredResource), each.name).toContain(elastic.urn);
    }
    expect(graph.map(({ type }) => type)).not.toContain('aws:ec2/eipAssociation:EipAssociation');
  });

  it('has running hosts take up changed secrets and files one by one, brokers before what they hold', () => {
    const all = ofType(graph, 'rig:index:HostSecrets') as RegisteredResource[];
    const order = plan.hosts;
    expect(all).toHaveLength(order.length);
    const told = order.map(({ name }) => found(graph, urnNamed(all, `${stack}-${name}-secrets`)));
    const [definitions] = ofType(graph, 'rig:rabbitmq:Definitions') as RegisteredResource[];
    const parameters = ofType(graph, 'aws:ssm/parameter:Parameter') as RegisteredResource[];
    for (const [index, each] of told.entries()) {
      const versions = each.inputs['versions'] as Readonly<Record<string, string>>;
      expect(Object.keys(versions).sort()).toEqual(
        [...(order[index]?.secrets ?? []), 'late-files'].sort(),
      );
      for (const [secret, version] of Object.entries(versions)) {
        const made = graph.some(
          ({ type, name }) =>
            name === `${stack}-${secret}` && /^rig:(index:Password|tls:Certificate)$/.test(type),
        );
        if (made) expect(version).toBe(versionOf(`${stack}-${secret}`));
      }
      // The parameters' own, numbers that only rise: what was taken back is told, too.
      expect(versions['late-files']).toMatch(/^[0-9]{1,10}( [0-9]{1,10})?$/);
      const before = awaited(graph, each);
      expect(told.filter(({ urn }) => before.has(urn))).toEqual(told.slice(0, index));
      for (const { urn } of parameters) expect(before.has(urn)).toBe(true);
      const isBroker = order[index]?.roles.includes('broker');
      expect(definitions && awaited(graph, definitions).has(each.urn)).toBe(isBroker);
    }
  });

  it('knows nothing of secrets that the user brings', () => {
    const brought = Object.entries(plan.aws?.parameters ?? {}).filter(([, one]) => one.brought);
    const made = graph.map(({ name }) => name);
    for (const [secret] of brought) expect(made).not.toContain(`${stack}-${secret}`);
    const [definitions] = ofType(graph, 'rig:rabbitmq:Definitions');
    const users = brought.flatMap(([secret, { name }]) =>
      /^user-/.test(secret) ? [[secret.replace(/^user-(.*)-password$/, '$1'), name] as const] : [],
    );
    expect(definitions?.inputs['parameters'] ?? {}).toEqual(Object.fromEntries(users));
  });

  it('unties an instance before it ties the next one, so that an interrupted update can go on', () => {
    const ties = ofType(
      graph,
      'aws:ec2/volumeAttachment:VolumeAttachment',
      'aws:lb/targetGroupAttachment:TargetGroupAttachment',
    ) as RegisteredResource[];
    expect(ties.length).toBeGreaterThan(1);
    for (const { name, deleteBeforeReplace } of ties) expect(deleteBeforeReplace, name).toBe(true);
  });

  it('keeps every secret out of what is not one', () => {
    for (const { type, name, inputs } of graph) {
      expect(JSON.stringify(inputs), `${type} ${name}`).not.toContain('value-of-');
    }
    for (const { inputs } of ofType(graph, 'aws:ssm/parameter:Parameter')) {
      expect(inputs['value']).toBe(secretMark);
    }
  });

  it('protects what holds data unless it is a test rig', () => {
    const held = ofType(graph, 'aws:ebs/volume:Volume', 'aws:kms/key:Key');
    expect(held.length).toBeGreaterThan(1);
    for (const { protect, name } of held) expect(protect, name).toBe(plan.aws?.testRig === false);
  });

  it('puts endpoints of the API where the firewalls of hosts let them be reached', () => {
    const to = plan.flows.map((flow) => flow.to);
    const apis = to.find((end) => end.kind === 'outside' && end.name === 'aws-apis');
    const ranges = apis?.kind === 'outside' ? apis.ranges : [];
    for (const endpoint of ofType(graph, 'aws:ec2/vpcEndpoint:VpcEndpoint')) {
      const subnets = endpoint.references['subnetIds'] ?? [];
      expect(subnets).toHaveLength(plan.aws?.vpc.own === undefined ? ranges.length : 0);
      for (const urn of subnets) expect(ranges).toContain(found(graph, urn).inputs['cidrBlock']);
    }
  });

  it('has every instance read its own secrets and files, and no others', () => {
    const policies = ofType(graph, 'aws:iam/rolePolicy:RolePolicy');
    for (const { name, secrets } of plan.hosts) {
      const policy = policies.find((each) => each.name === `${stack}-${name}`);
      const arns = [...String(policy?.inputs['policy']).matchAll(/"arn:[^"]*:parameter([^"]*)"/g)];
      const { answersFor = [], lateFiles, latePrograms } = plan.aws?.hosts[name] ?? {};
      const wanted = [
        ...[...secrets, ...answersFor].map((secret) => plan.aws?.parameters[secret]?.name),
        lateFiles,
        ...(latePrograms === undefined ? [] : [latePrograms]),
      ];
      expect(new Set(arns.map(([, parameter]) => parameter)), name).toEqual(new Set(wanted));
    }
  });
});

describe.each(Object.entries(readyAwsStacks))('the graph of %s', (stack, environment) => {
  it('is the golden one', async () => {
    const { graph } = await registeredBy(stack, configOf(environment), program);
    const tree = { 'resources.yaml': graphText(graph) };
    expect(tree).toEqual(goldenTree(`graphs/${stack}`, tree));
  });
});

const tagOf = (inputs: RegisteredResource['inputs'], tag: string): unknown =>
  (inputs['tags'] as Record<string, unknown>)[`rabbitmq-ha-kit:${tag}`];

const urnOf = (instances: readonly RegisteredResource[], host: string): string =>
  instances.find(({ inputs }) => tagOf(inputs, 'host') === host)?.urn ?? '';

const urnNamed = (resources: readonly RegisteredResource[], name: string): string =>
  resources.find((each) => each.name === name)?.urn ?? '';

function found(resources: readonly RegisteredResource[], urn: string): RegisteredResource {
  const resource = resources.find((each) => each.urn === urn);
  if (resource === undefined) throw new Error(`no resource ${urn}`);
  return resource;
}
