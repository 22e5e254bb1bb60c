import { z } from 'zod';

/** A moment as `Date.toISOString` writes it: such texts sort by time. */
export const moment = z.iso.datetime({
  precision: 3,
  message: 'a moment such as 2026-01-31T12:00:00.000Z',
});

/**
 * Whether what was made at `made` is to be made anew because of `since`. Who lost the trigger asks
 * for nothing: a value is never made anew because a moment went missing or is an older one.
 * @param made undefined for what was made before moments were kept: older than any
 */
export const isOlder = (made: string | undefined, since: string | undefined): boolean =>
  since !== undefined && (made ?? '') < since;
