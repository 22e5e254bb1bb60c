import type { Rule } from '../rule.ts';

/** A rule about the section `aws`, which only the target aws looks at. */
export type AwsRule = Rule;

export const onlyOnAws =
  (rule: AwsRule): Rule =>
  (config) =>
    config.target === 'aws'
      ? rule(config).map((problem) => ({
          ...problem,
          related: [...(problem.related ?? []), 'target'],
        }))
      : [];
