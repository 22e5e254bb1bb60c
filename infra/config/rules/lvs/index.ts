import type { Rule } from '../rule.ts';
import { lvsAwsRules } from './aws.ts';
import { pathRules } from './paths.ts';
import { lvsSettingRules } from './settings.ts';

/** What another front end leaves unlooked at: a swap is one line. */
const onlyWithLvs =
  (rule: Rule): Rule =>
  (config) =>
    config.frontEnd === 'lvs-keepalived' ? rule(config) : [];

export const lvsRules: readonly Rule[] = [...pathRules, ...lvsAwsRules, ...lvsSettingRules].map(
  onlyWithLvs,
);
