import type { Rule } from '../rule.ts';
import { nlbRules } from './nlb.ts';
import { placeRules } from './place.ts';

export const awsRules: readonly Rule[] = [...placeRules, ...nlbRules];
