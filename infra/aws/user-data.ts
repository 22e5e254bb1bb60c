import { createHash } from 'node:crypto';

/** Says nothing but that other user-data has another one. */
export const digestOf = (userData: string): string =>
  createHash('sha256').update(userData).digest('hex').slice(0, 16);
