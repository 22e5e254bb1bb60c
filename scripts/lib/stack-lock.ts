import { join } from 'node:path';
import { UserError } from '../../infra/errors.ts';
import { stateDir } from '../../infra/paths.ts';
import { heldLock, locksOf } from '../../infra/pulumi-lock.ts';

/**
 * Looks at the locks of a stack in the kit's own backend; other backends speak for themselves.
 * @returns when the first lock was taken that must be cleared, because its process is gone (an
 * update that was killed), in milliseconds since 1970; undefined when there is none.
 * @throws UserError naming the holder when an update of this stack runs now.
 */
export async function findStaleLock(stack: string): Promise<number | undefined> {
  if (process.env['PULUMI_BACKEND_URL'] !== undefined) return undefined;
  const locks = await locksOf(join(stateDir, 'backend'), stack);
  const held = await heldLock(locks);
  if (held !== undefined) {
    throw new UserError({
      what: `stack ${stack} is being changed right now`,
      value: `by ${held.username}@${held.hostname}, process ${held.pid}, since ${held.timestamp}`,
      fix: 'wait until it ends, or end that process; its lock goes with it',
    });
  }
  const times = locks.map(({ timestamp }) => Date.parse(timestamp));
  return times.length === 0 ? undefined : Math.min(...times);
}
