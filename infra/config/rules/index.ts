import { balancingRules } from './balancing.ts';
import { brokerRules } from './brokers.ts';
import { networkRules } from './network.ts';
import type { Rule } from './rule.ts';

/** Contradictions between fields: each rule is pure and knows one of them. */
export const rules: readonly Rule[] = [...brokerRules, ...networkRules, ...balancingRules];
