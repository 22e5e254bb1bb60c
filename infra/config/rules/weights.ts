import { suggest } from '../../suggest.ts';
import { brokerNames, mirroredBrokerNames } from '../../plan/sizing.ts';
import type { Problem } from '../problems.ts';
import type { EnvironmentConfig } from '../schema.ts';
import type { Rule } from './rule.ts';

/** Names of each cluster's brokers, as its `brokers` says. */
const clusters = { quorumCluster: brokerNames, mirroredCluster: mirroredBrokerNames } as const;
type Section = keyof typeof clusters;

const forEach =
  (find: (section: Section, config: EnvironmentConfig) => Problem[]): Rule =>
  (config) =>
    (Object.keys(clusters) as Section[]).flatMap((section) => find(section, config));

const knownWeights = forEach((section, config) => {
  const { brokers, weights } = config[section];
  const names = clusters[section](brokers);
  return Object.entries(weights)
    .filter(([name]) => !names.includes(name))
    .map(([name, weight]) => {
      const near = suggest(name, names);
      return {
        path: `${section}.weights.${name}`,
        what: 'is a weight for a broker that does not exist',
        value: String(weight),
        allowed: names.join(', '),
        fix: near === undefined ? 'remove the line' : `did you mean ${near}? Else remove the line`,
        related: [`${section}.brokers`],
      };
    });
});

const someWeight = forEach((section, config) => {
  const { brokers, weights } = config[section];
  return clusters[section](brokers).some((name) => weights[name] !== 0)
    ? []
    : [
        {
          path: `${section}.weights`,
          what: 'are all 0, so that no broker would get a connection',
          value: JSON.stringify(weights),
          allowed: 'at least one broker above 0',
          fix: 'raise one weight, or remove the section',
          related: [`${section}.brokers`],
        },
      ];
});

export const weightRules: readonly Rule[] = [knownWeights, someWeight];
