import { expect, it } from 'vitest';
import { dryRun } from '../../../infra/aws/dry-run.ts';
import { planEnvironment } from '../../../infra/plan/environment.ts';
import { renderEnvironment } from '../../../infra/render/environment.ts';
import { packageWays } from '../../../scripts/lib/new-aws.ts';
import { brokerCounts, newStackFile, shapesFor } from '../../../scripts/lib/new-stack.ts';

const places = { schema: '/kit/schema/stack.schema.json', folder: '/kit/stacks' };
const sizes = { memory: '7GiB', disk: '28GiB', zones: ['a', 'b', 'c'] };

/** Each shape that `npm run new` offers, with one of the ways to packages in turn. */
const offered = shapesFor({ target: 'aws' }).map(
  (shape, index) => [shape, packageWays[index % packageWays.length] ?? 'nat'] as const,
);

it.each(offered)(
  'what is offered can be previewed: %j, packages by %s',
  async (shape, packages) => {
    const aws = { region: 'us-east-1', instanceType: 'm7g.large', packages };
    const choice = { ...shape, ...sizes, brokers: brokerCounts(shape)[0], aws };
    const plan = planEnvironment(newStackFile('trial', choice, places).config);
    const graph = await dryRun(plan, renderEnvironment(plan));
    const instances = graph.filter(({ type }) => type === 'aws:ec2/instance:Instance');
    expect(instances).toHaveLength(plan.hosts.length);
    expect(plan).toMatchObject(shape);
  },
);

it('the load balancer of AWS is among it', () => {
  expect(offered.map(([{ frontEnd }]) => frontEnd)).toContain('nlb');
});
