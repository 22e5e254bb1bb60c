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
  /** The successor signs in its place; the predecessor stays trusted. */
  signWithAuthority: moment,
  /** A predecessor that stopped signing before this moment is not trusted any more. */
  forgetAuthority: moment,
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
