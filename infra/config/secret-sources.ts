import * as pulumi from '../pulumi.ts';
import type { SecretSources } from '../components/secrets.ts';
import { authorityKeyName, readOwnAuthority } from '../tls/own-authority.ts';
import { parseRotation, rotationName } from './rotation.ts';
import { plainSecretsError } from './secret-keys.ts';
import type { TlsConfig } from './tls.ts';

/**
 * What the program is told of secrets beside the environment's own section.
 * @throws UserError when a key stands there in clear text, or no authority can be made of it
 */
export function secretSources(settings: pulumi.Config, tls: TlsConfig): SecretSources {
  const fullKey = `${settings.name}:${authorityKeyName}`;
  const key = settings.get(authorityKeyName);
  if (key !== undefined && !pulumi.isConfigSecret(fullKey)) throw plainSecretsError([fullKey]);
  const own = readOwnAuthority(tls, key);
  return {
    rotation: parseRotation(settings.getObject(rotationName)),
    given: (name) => settings.requireSecret(name),
    ownAuthority: own === undefined ? undefined : { ...own, key: pulumi.secret(own.key) },
  };
}
