import { UserError } from '../../errors.ts';
import type { EnvironmentPlan } from '../../plan/model.ts';
import { groupRules } from './rules.ts';

/**
 * A security group takes so many rules in each direction; AWS would say so in the middle of an update.
 * @throws UserError
 */
export function requireRoomForRules({ flows, aws }: Pick<EnvironmentPlan, 'flows' | 'aws'>): void {
  const most = aws?.quotas.rulesPerGroup ?? Infinity;
  const rules = groupRules({ flows, aws });
  const counts = Map.groupBy(rules, ({ group, direction }) => `${direction} rules of the ${group}`);
  for (const [which, { length }] of counts) {
    if (length <= most) continue;
    throw new UserError({
      what: 'a security group would have more rules than the account allows',
      value: `${length} ${which}`,
      allowed: `at most ${most}, the quota in aws.quotas.rulesPerGroup`,
      fix: 'name fewer, larger networks in network.clients, or have AWS raise the quota and set the field',
    });
  }
}
