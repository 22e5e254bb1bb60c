import type { EnvironmentPlan } from '../plan/model.ts';
import { encodedUserData } from '../render/compressed-user-data.ts';
import { encodedLateFiles } from '../render/late-files.ts';
import type { RenderedHost } from '../render/model.ts';
import { requireRoomForRules } from './security/room.ts';

/**
 * What AWS would refuse in the middle of an update for its size has to be known before the first resource.
 * @throws UserError naming the group or the host
 */
export function requireRoom(
  plan: Pick<EnvironmentPlan, 'flows' | 'aws'>,
  rendered: readonly RenderedHost[],
): void {
  requireRoomForRules(plan);
  for (const host of rendered) {
    encodedUserData(host);
    encodedLateFiles(host);
    encodedLateFiles({ name: host.name, lateFiles: host.latePrograms });
  }
}
