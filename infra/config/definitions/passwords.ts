import { suggest } from '../../suggest.ts';
import type { Problem } from '../problems.ts';
import { type DefinitionsConfig, passwordCommand, passwordKeyPrefix } from './schema.ts';

const start = `rabbitmq-ha-kit:${passwordKeyPrefix}`;

/** How the stack's config holds the passwords that it gives, by user; never the passwords. */
export type PasswordsInConfig = Readonly<Record<string, 'secret' | 'plain'>>;

/** Key of the stack's config that holds a user's password. */
export const passwordKey = (user: string): string => `${passwordKeyPrefix}${user}`;

/**
 * @param keys every key of the stack's config, with its namespace
 * @param isSecret whether the value at a key is encrypted
 */
export const passwordsAmong = (
  keys: readonly string[],
  isSecret: (key: string) => boolean,
): PasswordsInConfig =>
  Object.fromEntries(
    keys
      .filter((key) => key.startsWith(start))
      .map((key) => [key.slice(start.length), isSecret(key) ? 'secret' : 'plain']),
  );

/** Passwords that are missing, that nobody asked for, or that lie open. Pure. */
export function passwordProblems(
  { users }: DefinitionsConfig,
  passwords: PasswordsInConfig,
): Problem[] {
  const wanting = Object.keys(users).filter((user) => users[user]?.password === 'given');
  const missing = wanting
    .filter((user) => passwords[user] === undefined)
    .map((user) => ({
      path: `${start}${user}`,
      what: `is missing: definitions.users.${user} says that its password is given`,
      allowed: 'a secret',
      fix: `${passwordCommand(user)}; or remove \`password: given\` for a generated one`,
      related: [`definitions.users.${user}`],
    }));
  const present = Object.entries(passwords).flatMap(([user, how]): Problem[] => {
    const path = `${start}${user}`;
    if (how === 'plain') {
      return [
        {
          path,
          what: 'is a password in plain text: stack files are read by many',
          value: '(hidden)',
          allowed: 'a secret',
          fix: `${passwordCommand(user)}; and consider this password known`,
        },
      ];
    }
    if (wanting.includes(user)) return [];
    const near = suggest(user, wanting);
    return [
      {
        path,
        what: 'is for no user that asks for it',
        allowed:
          wanting.length === 0 ? 'nothing: no user says `password: given`' : wanting.join(', '),
        fix:
          near === undefined
            ? `write password: given for definitions.users.${user}, or npm run pulumi -- config rm ${path}`
            : `did you mean ${near}?`,
        related: ['definitions.users'],
      },
    ];
  });
  return [...missing, ...present];
}
