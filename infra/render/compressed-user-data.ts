import { gzip } from 'pako';
import { UserError } from '../errors.ts';
import type { RenderedHost } from './model.ts';

/** What EC2 takes as the user-data of an instance, in bytes before base64. */
export const userDataLimit = 16 * 1024;

/** Bytes of the user-data of a host, compressed. */
export function compressedUserData({ userData }: Pick<RenderedHost, 'userData'>): Uint8Array {
  // Not Node's own zlib, whose output differs between processors and versions: another byte here is
  // another instance.
  return gzip(userData, { level: 9 });
}

/**
 * The user-data of a host as EC2 takes it, in base64; cloud-init unpacks it by itself.
 * @throws UserError when EC2 would refuse it
 */
export function encodedUserData(host: Pick<RenderedHost, 'name' | 'userData'>): string {
  const bytes = compressedUserData(host);
  if (bytes.length > userDataLimit) {
    throw new UserError({
      what: `the user-data of ${host.name} is larger than EC2 takes`,
      value: `${bytes.length} bytes, compressed`,
      allowed: `at most ${userDataLimit} bytes`,
      fix: 'shorten lists of the config that every host is told: network.clients, network.zones, rabbitmq.plugins',
    });
  }
  return Buffer.from(bytes).toString('base64');
}
