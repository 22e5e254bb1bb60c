import { z } from 'zod';

const copy = z.object({
  /** On that host. */
  path: z.string(),
  bytes: z.int(),
  /** Files and folders in it. */
  entries: z.int(),
});
/** A copy of a victim's data, kept on the victim. */
export type KeptCopy = z.infer<typeof copy>;

/** What `split-brain look` prints. */
export const lookAnswer = z.object({
  /** Of the broker's files; null where nobody can look at them, while they change hands. */
  store: z
    .object({
      /** Seconds since 1970. */
      lastWrite: z.number(),
      bytes: z.int(),
      entries: z.int(),
    })
    .nullable(),
  /** The oldest first. */
  copies: z.array(copy),
});
export type LookAnswer = z.infer<typeof lookAnswer>;

/** What `split-brain copy` prints: how far the copy of this host's data is. */
export const copyAnswer = z.discriminatedUnion('state', [
  z.object({ state: z.literal('making'), needBytes: z.int(), doneBytes: z.int() }),
  copy.extend({ state: z.literal('whole') }),
  z.object({ state: z.literal('no-room'), needBytes: z.int(), freeBytes: z.int() }),
  z.object({ state: z.literal('failed'), why: z.string() }),
]);
export type CopyAnswer = z.infer<typeof copyAnswer>;
