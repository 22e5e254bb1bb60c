import type { Problem } from '../../problems.ts';
import type { Rule } from '../rule.ts';
import { vhostsOf } from './names.ts';

/** Notations of PCRE, which RabbitMQ uses, that JavaScript lacks: what has one is not judged here. */
const beyondJavaScript = /\(\?|[*+?}]\+|\\[AZzGQEhHRKX]|\[\[:/;

function isBroken(pattern: string): boolean {
  if (beyondJavaScript.test(pattern)) return false;
  try {
    RegExp(pattern);
    return false;
  } catch {
    return true;
  }
}

/** A pattern that cannot be read would be refused by the broker, in the middle of a change. */
const readablePatterns: Rule = (config) =>
  vhostsOf(config).flatMap(({ vhost, path }): Problem[] => {
    const { permissions, topicPermissions, policies, operatorPolicies } = vhost;
    const stated: [string, string][] = [
      ...Object.entries(permissions).flatMap(([user, patterns]) =>
        Object.entries(patterns).map(([key, pattern]): [string, string] => [
          `permissions.${user}.${key}`,
          pattern,
        ]),
      ),
      ...Object.entries(topicPermissions).flatMap(([user, byExchange]) =>
        Object.entries(byExchange).flatMap(([exchange, patterns]) =>
          Object.entries(patterns).map(([key, pattern]): [string, string] => [
            `topicPermissions.${user}.${exchange}.${key}`,
            pattern,
          ]),
        ),
      ),
      ...Object.entries({ policies, operatorPolicies }).flatMap(([kind, named]) =>
        Object.entries(named).map(([name, { pattern }]): [string, string] => [
          `${kind}.${name}.pattern`,
          pattern,
        ]),
      ),
    ];
    return stated
      .filter(([, pattern]) => isBroken(pattern))
      .map(([at, pattern]) => ({
        path: `${path}.${at}`,
        what: 'is not a regular expression',
        value: JSON.stringify(pattern),
        allowed: "a regular expression, e.g. '^orders\\.'; '.*' for all, '^$' for nothing",
        fix: 'close what is open, or put a \\ before a character that is meant as it is',
      }));
  });

export const patternRules: readonly Rule[] = [readablePatterns];
