import { topologyModules } from '../../../plan/topologies/index.ts';
import type { Problem } from '../../problems.ts';
import type { Rule } from '../rule.ts';
import { statedWeights } from '../weights.ts';

const others = 'haproxy-keepalived, lvs-keepalived, direct, external';

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
          allowed: `with topology ${topology}: haproxy-keepalived, direct, external`,
          fix: 'choose haproxy-keepalived',
          related: ['topology'],
        },
      ];

const nlbKnowsNoWeights: Rule = (config) =>
  config.frontEnd === 'nlb'
    ? statedWeights(config).map(([path, weight]): Problem => ({
        path,
        what: 'has no effect: front end nlb gives all brokers the same share',
        value: String(weight),
        allowed: 'nothing, or 1',
        fix: 'remove the line, or choose frontEnd: haproxy-keepalived',
        related: ['frontEnd', 'topology'],
      }))
    : [];

export const nlbRules: readonly Rule[] = [nlbNeedsAws, nlbKnowsNoStandby, nlbKnowsNoWeights];
