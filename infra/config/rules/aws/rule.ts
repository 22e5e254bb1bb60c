import type { Rule } from '../rule.ts';

/** A rule about the section `aws`, which only the target aws looks at. */
export const onlyOnAws =
  (rule: Rule): Rule =>
  (config) =>
    config.target === 'aws'
      ? rule(config).map((problem) => ({
          ...problem,
          related: [...(problem.related ?? []), 'target'],
        }))
      : [];
