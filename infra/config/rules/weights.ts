import { topologyModules } from '../../plan/topologies/index.ts';
import type { Shares } from '../../plan/topologies/topology.ts';
import { suggest } from '../../suggest.ts';
import type { Problem } from '../problems.ts';
import type { EnvironmentConfig } from '../schema.ts';
import type { Rule } from './rule.ts';

/** Also of topologies that are not chosen: a section stays valid meanwhile. */
const forEach =
  (find: (shares: Shares) => Problem[]): Rule =>
  (config) =>
    Object.values(topologyModules)
      .flatMap((topology) => topology.shares?.(config) ?? [])
      .flatMap(find);

const knownWeights = forEach(({ section, brokers, weights }) =>
  Object.entries(weights)
    .filter(([name]) => !brokers.includes(name))
    .map(([name, weight]) => {
      const near = suggest(name, brokers);
      return {
        path: `${section}.weights.${name}`,
        what: 'is a weight for a broker that does not exist',
        value: String(weight),
        allowed: brokers.join(', '),
        fix: near === undefined ? 'remove the line' : `did you mean ${near}? Else remove the line`,
        related: [`${section}.brokers`],
      };
    }),
);

const someWeight = forEach(({ section, brokers, weights }) =>
  brokers.some((name) => weights[name] !== 0)
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
      ],
);

/** Stated shares of the chosen topology that are not the usual one. */
export function statedWeights(
  config: EnvironmentConfig,
): (readonly [path: string, weight: number])[] {
  const { section, weights } = topologyModules[config.topology].shares?.(config) ?? {};
  return Object.entries(weights ?? {})
    .filter(([, weight]) => weight !== 1)
    .map(([name, weight]) => [`${section ?? ''}.weights.${name}`, weight]);
}

export const weightRules: readonly Rule[] = [knownWeights, someWeight];
