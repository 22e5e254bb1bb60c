import { authorityKeyName } from '../tls/own-authority.ts';
import { UserError } from '../errors.ts';
import { isPlainObject } from './merge.ts';
import { secretKey } from './problems.ts';

const prefix = 'rabbitmq-ha-kit:';

/** Keys of a stack's config that hold a secret in clear text. Pulumi's own form is `{secure: ...}`. */
export const plainSecrets = (section: Readonly<Record<string, unknown>>): string[] =>
  Object.entries(section)
    .filter(([key, value]) => holdsSecret(key) && !isEncrypted(value))
    .map(([key]) => key);

const holdsSecret = (key: string): boolean =>
  key.startsWith(prefix) && (key === `${prefix}${authorityKeyName}` || secretKey.test(key));

const isEncrypted = (value: unknown): boolean => isPlainObject(value) && 'secure' in value;

/** @param keys that hold a secret in clear text */
export const plainSecretsError = (keys: readonly string[]): UserError =>
  new UserError({
    what: 'the config of the stack holds a secret in clear text; its value is not shown here',
    value: keys.join(', '),
    allowed:
      'secrets that Pulumi has encrypted; passwords and the cookie are generated and need none',
    fix: keys
      .map((key) => `npm run pulumi -- config set --secret ${key} < FILE, or config rm ${key}`)
      .join('; '),
  });
