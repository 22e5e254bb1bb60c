import type { Problem } from '../problems.ts';
import type { EnvironmentConfig } from '../schema.ts';
import { type Rule, showDuration } from './rule.ts';

/** Sections of front ends whose two hosts speak VRRP. */
const sections = ['haproxyKeepalived', 'lvsKeepalived'] as const;
type Section = (typeof sections)[number];
type Vrrp = EnvironmentConfig['lvsKeepalived']['vrrp'];

const forEach =
  (find: (section: Section, vrrp: Vrrp) => Problem[]): Rule =>
  (config) =>
    sections.flatMap((section) => find(section, config[section].vrrp));

const version = forEach((section, vrrp) => {
  const problems: Problem[] = [];
  const related = [`${section}.vrrp.version`, `${section}.profile`];
  if (vrrp.version === 2 && vrrp.advertInterval % 1000 !== 0) {
    problems.push({
      path: `${section}.vrrp.advertInterval`,
      what: 'is no whole number of seconds, which is all that VRRP version 2 carries',
      value: showDuration(vrrp.advertInterval),
      allowed: 'whole seconds with version 2',
      fix: 'round it to seconds, or set vrrp.version: 3',
      related,
    });
  }
  if (vrrp.version === 3 && vrrp.advertInterval % 10 !== 0) {
    problems.push({
      path: `${section}.vrrp.advertInterval`,
      what: 'is finer than VRRP version 3 carries',
      value: showDuration(vrrp.advertInterval),
      allowed: 'multiples of 10ms with version 3',
      fix: 'round it to 10ms',
      related,
    });
  }
  if (vrrp.version === 3 && vrrp.passwordAuthentication) {
    problems.push({
      path: `${section}.vrrp.passwordAuthentication`,
      what: 'does not exist in VRRP version 3',
      value: 'true',
      allowed: 'false with version 3',
      fix: 'set it to false, or set vrrp.version: 2',
      related,
    });
  }
  return problems;
});

const rankedPriorities = forEach((section, vrrp) =>
  vrrp.priorities.first > vrrp.priorities.second
    ? []
    : [
        {
          path: `${section}.vrrp.priorities.first`,
          what: 'is not above the second, so that two balancers could claim the address at once',
          value: String(vrrp.priorities.first),
          allowed: `more than vrrp.priorities.second: ${vrrp.priorities.second}`,
          fix: 'raise the first or lower the second',
          related: [`${section}.vrrp.priorities.second`, `${section}.profile`],
        },
      ],
);

export const vrrpRules: readonly Rule[] = [version, rankedPriorities];
