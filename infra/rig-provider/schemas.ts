import { z } from 'zod';

/** Parts that inputs and records share. */
export const stackName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/, 'a stack name: letters, digits, "_", "." and "-"');

/** One DNS label: a host, a network or a volume. */
export const label = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, 'lower-case letters, digits and inner hyphens');

export const ipv4 = z.ipv4('an IPv4 address, e.g. 10.77.16.1');
export const port = z.int().min(1).max(65535);
export const absolutePath = z.string().startsWith('/', 'an absolute path');
