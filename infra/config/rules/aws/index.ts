import type { Rule } from '../rule.ts';
import { accessRules } from './access.ts';
import { instanceRules } from './instances.ts';
import { nameRules } from './names.ts';
import { networkRules } from './network.ts';
import { nlbRules } from './nlb.ts';
import { placeRules } from './place.ts';

/** Contradictions that only the target aws knows, and front ends that only it has. */
export const awsRules: readonly Rule[] = [
  ...placeRules,
  ...networkRules,
  ...instanceRules,
  ...nameRules,
  ...nlbRules,
  ...accessRules,
];
