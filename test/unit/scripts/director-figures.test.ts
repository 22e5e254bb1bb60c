import { expect, test } from 'vitest';

import { loadEnvironment } from '../../../infra/config/load.ts';
import { masterDownMs } from '../../../scripts/bench/directors/master-down.ts';

const vrrpOf = (profile: 'fast' | 'seed') =>
  loadEnvironment(
    {
      topology: 'quorum-cluster',
      network: { placement: 'flat' },
      frontEnd: 'lvs-keepalived',
      lvsKeepalived: { profile },
    },
    undefined,
    'unit',
  ).lvsKeepalived.vrrp;

// The table of docs/lvs-keepalived.md, which rounds.
test.each([
  ['fast', 'second', 1_824],
  ['fast', 'first', 1_805],
  ['seed', 'second', 3_805],
  ['seed', 'first', 3_609],
] as const)('profile %s, heir of the %s priority: %i ms', (profile, heir, due) => {
  const vrrp = vrrpOf(profile);
  expect(masterDownMs(vrrp, vrrp.priorities[heir])).toBeCloseTo(due, -1);
});
