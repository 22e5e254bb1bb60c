import type { EnvironmentPlan } from '../../plan/model.ts';
import type { AwsChannelDescription } from '../description.ts';

/** The way onto an environment's hosts, without the key that the kit may have made for it. */
export function keylessWay({
  stack,
  aws,
}: Pick<EnvironmentPlan, 'stack' | 'aws'>): AwsChannelDescription {
  if (aws === undefined) throw new Error(`the plan of ${stack} is not for the target aws`);
  const { method, profile } = aws.access;
  const way = { kind: 'aws', stack, region: aws.region, method } as const;
  return profile === undefined ? way : { ...way, profile };
}
