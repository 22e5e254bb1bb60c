import { awsRules } from './aws/index.ts';
import { balancingRules } from './balancing.ts';
import { brokerRules } from './brokers.ts';
import { definitionRules } from './definitions/index.ts';
import { drbdPacemakerRules } from './drbd-pacemaker.ts';
import { lvsRules } from './lvs/index.ts';
import { mirroredClusterRules } from './mirrored-cluster.ts';
import { networkRules } from './network.ts';
import { rigRules } from './rig.ts';
import { tlsRules } from './tls.ts';
import type { Rule } from './rule.ts';
import { vrrpRules } from './vrrp.ts';
import { weightRules } from './weights.ts';

/** Contradictions between fields: each rule is pure and knows one of them. */
export const rules: readonly Rule[] = [
  ...brokerRules,
  ...weightRules,
  ...mirroredClusterRules,
  ...drbdPacemakerRules,
  ...networkRules,
  ...balancingRules,
  ...vrrpRules,
  ...lvsRules,
  ...rigRules,
  ...awsRules,
  ...tlsRules,
  ...definitionRules,
];
