import { DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import {
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { doneWhen, waitFor } from '../../infra/wait.ts';
import { tagsOf } from './cloud/account.ts';
import type { AwsStack } from './stack.ts';

/** How load balancers find the hosts, also those that are stopped, in the worst of their groups. */
export async function targetStates(stack: AwsStack): Promise<Record<string, string>> {
  const { ec2, elb } = stack.account;
  const [{ TargetGroups = [] }, { Reservations = [] }] = await Promise.all([
    elb.send(new DescribeTargetGroupsCommand({})),
    ec2.send(new DescribeInstancesCommand({})),
  ]);
  const there = Reservations.flatMap(({ Instances = [] }) => Instances).filter(
    ({ State }) => State?.Name !== 'terminated',
  );
  const groups = await Promise.all(
    TargetGroups.map(({ TargetGroupArn }) =>
      elb.send(new DescribeTargetHealthCommand({ TargetGroupArn })),
    ),
  );
  const states = there.map(({ InstanceId: id, Tags }) => {
    const own = groups.map(({ TargetHealthDescriptions = [] }) => {
      const found = TargetHealthDescriptions.find(({ Target }) => Target?.Id === id);
      return found?.TargetHealth?.State ?? 'not registered';
    });
    return [
      tagsOf(Tags)['rabbitmq-ha-kit:host'] ?? '',
      own.find((state) => state !== 'healthy') ?? 'healthy',
    ] as const;
  });
  return Object.fromEntries(states);
}

const healthyIn = (states: Readonly<Record<string, string>>): string[] =>
  Object.keys(states).filter((host) => states[host] === 'healthy');

/** Waits until load balancers lead to these hosts and to no other. */
export async function waitForTargets(
  stack: AwsStack,
  hosts: readonly string[],
  deadlineMs: number,
): Promise<void> {
  await waitFor(
    async () => {
      const states = await targetStates(stack);
      return doneWhen(healthyIn(states).sort().join() === hosts.join(), JSON.stringify(states));
    },
    { subject: `${hosts.join(', ')} to be healthy targets`, deadlineMs, intervalMs: 500 },
  );
}

/** The fewest healthy targets at any moment of the work, as seen twice a second. */
export async function fewestTargets(stack: AwsStack, work: Promise<unknown>): Promise<number> {
  let fewest = Infinity;
  let ended = false;
  const end = (): void => {
    ended = true;
  };
  work.then(end, end);
  await waitFor(
    async () => {
      fewest = Math.min(fewest, healthyIn(await targetStates(stack)).length);
      return doneWhen(ended, `${fewest} healthy`);
    },
    { subject: 'the work under the load balancer', deadlineMs: 600_000, intervalMs: 500 },
  );
  await work;
  return fewest;
}
