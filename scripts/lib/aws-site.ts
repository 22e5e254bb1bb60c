import { awsChannel } from '../../infra/channels/aws/channel.ts';
import { serverOutputs } from '../../infra/components/endpoint-outputs.ts';
import type { Servers } from '../../infra/operations/status/model.ts';
import { accessPoints } from '../../infra/plan/endpoints.ts';
import { planEnvironment } from '../../infra/plan/environment.ts';
import type { EnvironmentPlan } from '../../infra/plan/model.ts';
import type { Site } from './site.ts';
import { loadStack } from './stack.ts';
import { describeWay } from './way.ts';

/** A tunnel takes AWS some seconds; a connection that is still open is used again. */
const deadlines = { questionMs: 45_000, totalMs: 60_000 };

/** The environment of a stack on aws, from its stack file; undefined when its target is another. */
export async function openAwsSite(stack: string): Promise<Site | undefined> {
  const config = await loadStack(stack);
  if (config.target !== 'aws') return undefined;
  const plan = planEnvironment(config);
  const way = await describeWay(plan);
  if (way.kind !== 'aws') throw new Error(`the plan of ${stack} is not for the target aws`);
  const channel = awsChannel(way);
  return {
    stack,
    target: 'aws',
    channel,
    hosts: await channel.hosts(),
    servers: serversOf(plan),
    deadlines,
    entry: (host, argv) => channel.entry(host, argv),
  };
}

/** Inside the VPC servers answer at their own addresses. */
function serversOf(plan: EnvironmentPlan): Servers {
  const points = accessPoints(plan.endpoints);
  const addresses = points.map(({ name, server }) => [name, `${server.address}:${server.port}`]);
  const servers = serverOutputs(plan, Object.fromEntries(addresses) as Record<string, string>);
  return { amqp: [], management: [], statistics: [], ...servers };
}
