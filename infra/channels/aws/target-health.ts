import { z } from 'zod';
import { type Caller, runAws } from './command.ts';

const answer = z.object({
  TargetHealthDescriptions: z.array(
    z.object({
      Target: z.object({ Id: z.string() }),
      TargetHealth: z.object({ State: z.string() }),
    }),
  ),
});

/** How the load balancer finds the group's instances, by id: `initial`, `healthy`, `unhealthy`, ... */
export async function targetStatesOf(
  caller: Caller,
  group: string,
): Promise<ReadonlyMap<string, string>> {
  const argv = ['elbv2', 'describe-target-health', '--target-group-arn', group];
  const told = answer.parse(JSON.parse(await runAws(caller, argv)));
  return new Map(
    told.TargetHealthDescriptions.map(({ Target, TargetHealth }) => [
      Target.Id,
      TargetHealth.State,
    ]),
  );
}
