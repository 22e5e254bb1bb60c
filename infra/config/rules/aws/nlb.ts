import { topologyModules } from '../../../plan/topologies/index.ts';
import type { Problem } from '../../problems.ts';
import type { EnvironmentConfig } from '../../schema.ts';
import type { Rule } from '../rule.ts';

const others = 'haproxy-keepalived, direct, external';

const nlbNeedsAws: Rule = ({ target, frontEnd }) =>
  frontEnd !== 'nlb' || target === 'aws'
    ? []
    : [
        {
          path: 'frontEnd',
          what: 'is a load balancer of AWS, which this machine does not have',
          value: frontEnd,
          allowed: `with target rig: ${others}`,
          fix: 'choose haproxy-keepalived, or set target: aws',
          related: ['target'],
        },
      ];

const nlbKnowsNoStandby: Rule = ({ frontEnd, topology }) =>
  frontEnd !== 'nlb' || !topologyModules[topology].standby
    ? []
    : [
        {
          path: 'frontEnd',
          what: 'would send clients to the standby as well: it knows targets, but no backups',
          value: frontEnd,
          allowed: `with topology ${topology}: ${others}`,
          fix: 'choose haproxy-keepalived',
          related: ['topology'],
        },
      ];

const nlbKnowsNoWeights: Rule = (config) =>
  config.frontEnd === 'nlb'
    ? weightsOf(config).map(([path, weight]): Problem => ({
        path,
        what: 'has no effect: front end nlb gives all brokers the same share',
        value: String(weight),
        allowed: 'nothing, or 1',
        fix: 'remove the line, or choose frontEnd: haproxy-keepalived',
        related: ['frontEnd', 'topology'],
      }))
    : [];

/** Stated shares of the chosen topology that are not the usual one. */
function weightsOf(config: EnvironmentConfig): (readonly [path: string, weight: number])[] {
  const { section, weights } = topologyModules[config.topology].shares?.(config) ?? {};
  return Object.entries(weights ?? {})
    .filter(([, weight]) => weight !== 1)
    .map(([name, weight]) => [`${section ?? ''}.weights.${name}`, weight]);
}

export const nlbRules: readonly Rule[] = [nlbNeedsAws, nlbKnowsNoStandby, nlbKnowsNoWeights];
