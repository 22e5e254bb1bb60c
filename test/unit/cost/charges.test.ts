import { expect, test } from 'vitest';
import { chargesOf } from '../../../infra/aws/cost/charges.ts';
import { dryRun } from '../../../infra/aws/dry-run.ts';
import { planEnvironment } from '../../../infra/plan/environment.ts';
import { renderEnvironment } from '../../../infra/render/environment.ts';
import { registeredBy } from '../../lib/aws/mocks.ts';
import { pricedConfigs, type PricedName, pricedNames } from '../../lib/aws/priced-environments.ts';

const dry = (name: PricedName) => {
  const plan = planEnvironment(pricedConfigs[name]);
  return dryRun(plan, renderEnvironment(plan));
};

const resource = (type: string, inputs: object) => ({
  type,
  name: 'one',
  inputs: inputs as Record<string, unknown>,
});

test.each(pricedNames)(
  'every resource of %s has a price line or is known to be free',
  async (name) => {
    const resources = await dry(name);
    expect(resources.filter(({ type }) => type.startsWith('aws:')).length).toBeGreaterThan(50);
    expect(() => resources.flatMap(chargesOf)).not.toThrow();
  },
);

test('a type of resource that nobody priced is no free one', () => {
  expect(() => chargesOf(resource('aws:rds/instance:Instance', {}))).toThrow(
    /aws:rds\/instance:Instance one: a type of resource without a price line/,
  );
  expect(() => chargesOf(resource('aws:ebs/volume:Volume', { type: 'io2', size: 9 }))).toThrow(
    /a volume of type io2/,
  );
  expect(() =>
    chargesOf(resource('aws:ec2/vpcEndpoint:VpcEndpoint', { vpcEndpointType: 'Gateway' })),
  ).toThrow(/an endpoint of type Gateway/);
  expect(chargesOf(resource('rig:index:Password', {}))).toEqual([]);
});

test('an interface endpoint is charged in each of its zones, an instance with its root volume', () => {
  expect(
    chargesOf(
      resource('aws:ec2/vpcEndpoint:VpcEndpoint', {
        vpcEndpointType: 'Interface',
        subnetIds: ['a', 'b', 'c'],
      }),
    ),
  ).toEqual([{ kind: 'rate', rate: 'interfaceEndpointHour', quantity: 3, of: 'resource' }]);
  expect(
    chargesOf(
      resource('aws:ec2/instance:Instance', {
        instanceType: 'm7g.large',
        rootBlockDevice: { volumeType: 'gp3', volumeSize: 20 },
      }),
    ),
  ).toEqual([
    { kind: 'instance', type: 'm7g.large' },
    { kind: 'rate', rate: 'gp3GbMonth', quantity: 20, of: 'root volume' },
  ]);
});

test.each(['haproxy', 'nlb'] as const)(
  'what is priced of %s is what the program registers',
  async (name) => {
    const { createOnAws } = await import('../../../infra/aws/environment.ts');
    const pulumi = await import('../../../infra/pulumi.ts');
    const priced = await dry(name);
    const plan = planEnvironment(pricedConfigs[name]);
    if (plan.aws === undefined) throw new Error('no plan for aws');
    const hosts = Object.entries(plan.aws.hosts).map(([host, each]) => [
      host,
      { ...each, image: 'ami-0123456789abcdef0' },
    ]);
    const ready = {
      ...plan,
      aws: { ...plan.aws, hosts: Object.fromEntries(hosts) as typeof plan.aws.hosts },
    };
    const { graph } = await registeredBy(plan.stack, {}, () => {
      const parent = new pulumi.ComponentResource('kit:index:RabbitmqEnvironment', plan.stack);
      return createOnAws(
        ready,
        renderEnvironment(plan),
        { rotation: {}, ownAuthority: undefined, given: () => pulumi.secret('') },
        parent,
      ).addresses;
    });
    const keys = (all: readonly { type: string; name: string }[]): string[] =>
      all.map(({ type, name: each }) => `${type} ${each}`).sort();
    expect(keys(priced)).toEqual(keys(graph.filter(({ custom }) => custom)));
  },
);
