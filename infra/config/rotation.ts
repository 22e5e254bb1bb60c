import { z } from 'zod';
import { UserError } from '../errors.ts';

/** Config key, kept on this machine only, by which `npm run rotate` asks for new secrets. */
export const rotationName = 'rotation';

const moment = z.iso.datetime({ precision: 3 }).optional();

const rotation = z.strictObject({
  /** Passwords from before this moment are made anew. */
  credentials: moment,
  cookie: moment,
  certificates: moment,
  /** An authority from before this moment gets a successor, which is trusted at once. */
  introduceAuthority: moment,
  /** A successor from before this moment signs; its predecessor stays trusted. */
  promoteAuthority: moment,
  /** A predecessor that stopped signing before this moment is not trusted any more. */
  forgetAuthority: moment,
  /** A rotation that has begun and not ended. */
  unfinished: z
    .strictObject({
      kind: z.enum(['certificates', 'ca', 'forget-ca', 'credentials', 'cookie']),
      since: z.iso.datetime({ precision: 3 }),
    })
    .optional(),
});

/** Moments, as `Date.toISOString` writes them, since when secrets of a kind must have been made. */
export type Rotation = z.infer<typeof rotation>;

/** @throws UserError when it is not what `npm run rotate` writes */
export function parseRotation(value: unknown): Rotation {
  const parsed = rotation.safeParse(value ?? {});
  if (parsed.success) return parsed.data;
  throw new UserError({
    what: `rabbitmq-ha-kit:${rotationName} is not what npm run rotate writes`,
    value: JSON.stringify(value),
    fix: `npm run pulumi -- config rm rabbitmq-ha-kit:${rotationName}`,
    cause: parsed.error,
  });
}
