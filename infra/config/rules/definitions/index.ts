import type { Rule } from '../rule.ts';
import { holdingRules } from './holding.ts';
import { nameRules } from './names.ts';
import { patternRules } from './patterns.ts';
import { policyRules } from './policies.ts';
import { referenceRules } from './references.ts';

/** Definitions against each other, the topology and the release that it runs. */
export const definitionRules: readonly Rule[] = [
  ...nameRules,
  ...referenceRules,
  ...holdingRules,
  ...policyRules,
  ...patternRules,
];
