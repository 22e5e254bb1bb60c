import { createHash, timingSafeEqual } from 'node:crypto';

/** RabbitMQ's salted SHA-256: base64 of four bytes of salt and the digest of salt and password. */

const saltBytes = 4;
const sha256 = (...parts: readonly (string | Buffer)[]): Buffer =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();

const withSalt = (salt: Buffer, password: string): Buffer =>
  Buffer.concat([salt, sha256(salt, password)]);

/**
 * The hash of a password. Its salt follows from the password, like those that brokers make at their
 * start (broker-secrets): the brokers of a warren hold the same bytes, so neither corrects the other.
 */
export const hashed = (password: string): string =>
  withSalt(sha256('salt', password).subarray(0, saltBytes), password).toString('base64');

/** Whether a hash, with whatever salt, is of this password. */
export function verifies(hash: string, password: string): boolean {
  const bytes = Buffer.from(hash, 'base64');
  const expected = withSalt(bytes.subarray(0, saltBytes), password);
  return bytes.length === expected.length && timingSafeEqual(bytes, expected);
}

/** Known here, or by the hash that a host made of one which only hosts may read. */
export type Password = string | { readonly hash: string };

export const hashOf = (password: Password): string =>
  typeof password === 'string' ? hashed(password) : password.hash;

/** Whether a broker that keeps this hash takes the password. */
export const isHashOf = (hash: string, password: Password): boolean =>
  typeof password === 'string' ? verifies(hash, password) : hash === password.hash;
