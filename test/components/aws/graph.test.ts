import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { checks } from '../../../infra/aws/checks/index.ts';
import { ofType } from '../../../infra/aws/checks/graph.ts';
import type { EnvironmentPlan } from '../../../infra/plan/model.ts';
import { awsEnvironments, configOf, planOf, readyAwsStacks } from '../../lib/aws/environments.ts';
import { graphText } from '../../lib/aws/graph-text.ts';
import { type RegisteredResource, registeredBy, secretMark } from '../../lib/aws/mocks.ts';
import { goldenTree } from '../../lib/golden.ts';

const { default: program } = await import('../../../infra/index.ts');

beforeAll(() => {
  vi.stubEnv('AWS_PROFILE', undefined);
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAEXAMPLE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'example');
});
afterAll(() => {
  vi.unstubAllEnvs();
});

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
      const { dependsOn, deleteBeforeReplace } = found(instances, urn);
      expect(deleteBeforeReplace).toBe(true);
      expect(urns.filter((each) => dependsOn.includes(each))).toEqual(
        index === 0 ? [] : [urns[index - 1]],
      );
    }
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

  it('has every instance read its own secrets, and no others', () => {
    const policies = ofType(graph, 'aws:iam/rolePolicy:RolePolicy');
    for (const { name, secrets } of plan.hosts) {
      const policy = policies.find((each) => each.name === `${stack}-${name}`);
      const arns = [...String(policy?.inputs['policy']).matchAll(/"arn:[^"]*:parameter([^"]*)"/g)];
      const wanted = secrets.map((secret) => plan.aws?.parameters[secret]?.name);
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

function found(instances: readonly RegisteredResource[], urn: string): RegisteredResource {
  const instance = instances.find((each) => each.urn === urn);
  if (instance === undefined) throw new Error(`no instance ${urn}`);
  return instance;
}
