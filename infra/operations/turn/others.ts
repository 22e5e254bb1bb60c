import { UserError } from '../../errors.ts';
import type { LiveHost } from '../channel.ts';

/**
 * Waiting for a host that has no power would be in vain: nobody starts it while others are replaced.
 * @throws UserError when there is no other host of the kind, or one does not run
 */
export function refuseWithout(kind: string, self: LiveHost, others: readonly LiveHost[]): void {
  const down = others.filter(({ state }) => state !== 'running');
  if (others.length > 0 && down.length === 0) return;
  throw new UserError({
    what: `${self.name} is not replaced: ${
      others.length === 0 ? `there is no other ${kind}` : 'others of its kind do not run'
    }`,
    value: down.map(({ name, state }) => `${name} is ${state}`).join(', ') || undefined,
    fix: 'set the change back, have `npm run up` heal what is down, then change again',
  });
}
