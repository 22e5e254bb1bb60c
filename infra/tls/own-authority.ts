import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { TlsConfig } from '../config/tls.ts';
import { messageOf, UserError } from '../errors.ts';
import { repositoryRoot } from '../paths.ts';
import { authorityFault } from './inspect.ts';

/** Config key, a Pulumi secret, of a key that is in no file. */
export const authorityKeyName = 'authorityKey';

export interface OwnAuthority {
  readonly certificate: string;
  readonly key: string;
}

/** Relative paths begin at the checkout, `~/` at the home folder. */
const located = (path: string): string =>
  path.startsWith('~/') ? join(homedir(), path.slice(2)) : resolve(repositoryRoot, path);

function readPem(field: string, path: string): string {
  try {
    return readFileSync(located(path), 'utf8');
  } catch (cause) {
    throw new UserError({
      what: `the file of tls.authority.${field} cannot be read: ${messageOf(cause)}`,
      value: path,
      allowed: 'a PEM file that exists, by its full path, or from the checkout on',
      fix: `correct tls.authority.${field}`,
      cause,
    });
  }
}

/**
 * The user's own authority as the config names it; undefined when the kit makes one.
 * @param keyText the key from Pulumi's config, for when no file is named
 * @throws UserError when a file is missing, or nothing can be signed with what is there
 */
export function readOwnAuthority(
  { enabled, authority }: TlsConfig,
  keyText: string | undefined,
): OwnAuthority | undefined {
  const { certificateFile, keyFile } = authority;
  if (!enabled || certificateFile === undefined) return undefined;
  const certificate = readPem('certificateFile', certificateFile);
  const key = keyFile === undefined ? keyText : readPem('keyFile', keyFile);
  if (key === undefined) {
    throw new UserError({
      what: 'your own authority has no key',
      allowed: `tls.authority.keyFile, or the Pulumi secret rabbitmq-ha-kit:${authorityKeyName}`,
      fix: `npm run pulumi -- config set --secret rabbitmq-ha-kit:${authorityKeyName} < KEY.pem`,
    });
  }
  const fault = authorityFault(certificate, key);
  if (fault === undefined) return { certificate, key };
  const file = fault.part === 'key' ? keyFile : certificateFile;
  throw new UserError({
    what: `the ${fault.part} of your own authority ${fault.what}`,
    value: file,
    allowed: fault.allowed,
    fix: 'give both parts of one authority that is valid; or remove tls.authority, and the kit makes one',
  });
}
