import { userSecrets } from '../../../plan/definitions.ts';
import { planEnvironment } from '../../../plan/environment.ts';
import { suggest } from '../../../suggest.ts';
import type { EnvironmentConfig } from '../../schema.ts';
import type { Rule } from '../rule.ts';
import { onlyOnAws } from './rule.ts';

/** Fifty on one resource, of which the kit and its users share. */
const mostTags = 30;
/**
 * What all services take that keys go to. Instance metadata, which shows those of instances, knows no blank
 * and no `/`, and keeps three names for itself; IAM knows no comma, and does not tell `name` from `Name`.
 */
const tagKey = /^(?!aws:|rabbitmq-ha-kit:|name$|\.{1,2}$|_index$)[a-z0-9_.:=+@-]{1,127}$/i;

/** Names of secrets that hosts read, or may; undefined for a config that other rules refuse. */
function secretsOf(config: EnvironmentConfig): string[] | undefined {
  try {
    const { hosts } = planEnvironment(config);
    const users = userSecrets(config).map(({ name }) => name);
    return [...new Set([...hosts.flatMap(({ secrets }) => secrets), ...users])];
  } catch {
    return undefined;
  }
}

const knownSecrets: Rule = (config) => {
  const stated = Object.entries(config.aws.secrets.parameters);
  const known = stated.length === 0 ? undefined : secretsOf(config);
  if (known === undefined) return [];
  return stated
    .filter(([secret]) => !known.includes(secret))
    .map(([secret, parameter]) => {
      const near = suggest(secret, known);
      return {
        path: `aws.secrets.parameters.${secret}`,
        what: 'is a parameter for a secret that no host reads',
        value: parameter,
        allowed: known.join(', '),
        fix: near === undefined ? 'remove the line' : `did you mean ${near}? Else remove the line`,
        related: ['frontEnd', 'topology', 'tls.enabled'],
      };
    });
};

/** One secret has one place. */
const onePlace: Rule = ({ aws, definitions: { users } }) =>
  Object.entries(users).flatMap(([user, { password }]) => {
    const parameter = aws.secrets.parameters[`user-${user}-password`];
    if (parameter === undefined || password !== 'given') return [];
    return [
      {
        path: `aws.secrets.parameters.user-${user}-password`,
        what: `is a second place for the password that definitions.users.${user} takes from the stack's config`,
        value: parameter,
        allowed: 'one of the two',
        fix: `remove \`password: given\` of definitions.users.${user}, or this line`,
        related: [`definitions.users.${user}`],
      },
    ];
  });

/** What the kit signs is trusted by who trusts its authority, and what the user signs by who trusts theirs. */
const oneAuthority: Rule = (config) => {
  const stated = Object.keys(config.aws.secrets.parameters);
  const known = stated.length === 0 ? undefined : secretsOf(config);
  const ofTls = (known ?? []).filter((secret) =>
    /^(trusted-authorities|certificate-)/.test(secret),
  );
  const brought = ofTls.filter((secret) => stated.includes(secret));
  if (brought.length === 0 || brought.length === ofTls.length) return [];
  const missing = ofTls.filter((secret) => !brought.includes(secret));
  return [
    {
      path: 'aws.secrets.parameters',
      what: 'hold some of the certificates, and nobody would trust both these and those of the kit',
      value: brought.join(', '),
      allowed: 'all certificates and trusted-authorities, or none',
      fix: `bring ${missing.join(', ')} too; or bring none, and have the kit sign by an authority of your own with tls.authority`,
      related: ['tls.enabled', 'topology', 'frontEnd'],
    },
  ];
};

const allowedTags: Rule = ({ aws: { tags } }) => [
  ...Object.entries(tags)
    .filter(([key]) => !tagKey.test(key))
    .map(([key, value]) => ({
      path: `aws.tags.${key}`,
      what: 'is a key that is taken, or that AWS does not take',
      value,
      allowed:
        'letters, digits and _ . : = + - @, neither Name nor beginning with aws: or rabbitmq-ha-kit:',
      fix: 'choose another key',
    })),
  ...(Object.keys(tags).length <= mostTags
    ? []
    : [
        {
          path: 'aws.tags',
          what: 'are more than fit beside those of the kit',
          value: `${Object.keys(tags).length} tags`,
          allowed: `at most ${mostTags}`,
          fix: 'remove some',
        },
      ]),
];

export const nameRules = [knownSecrets, onePlace, oneAuthority, allowedTags].map(onlyOnAws);
