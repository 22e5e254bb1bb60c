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

/** Names of secrets that hosts read; undefined for a config that other rules refuse. */
function secretsOf(config: EnvironmentConfig): string[] | undefined {
  try {
    const { hosts } = planEnvironment(config);
    return [...new Set(hosts.flatMap(({ secrets }) => secrets))];
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

export const nameRules = [knownSecrets, allowedTags].map(onlyOnAws);
