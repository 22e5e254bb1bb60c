import { expect, test } from 'vitest';

import { editDistance, suggest } from '../../infra/suggest.ts';

test.each([
  ['kitten', 'sitting', 3],
  ['', 'abc', 3],
  ['abc', 'acb', 1],
  ['same', 'same', 0],
])('from %j to %j it takes %i edits', (a, b, edits) => {
  expect(editDistance(a, b)).toBe(edits);
  expect(editDistance(b, a)).toBe(edits);
});

test.each([
  ['topolgy', 'topology'],
  ['rgi-quorum', 'rig-quorum'],
  ['warr', 'warren'],
  ['RIG-QUORUM', 'rig-quorum'],
  ['zebra', undefined],
  ['rig-', undefined],
  ['', undefined],
])('%j suggests %j', (typed, expected) => {
  expect(suggest(typed, ['rig-quorum', 'rig-warren', 'topology', 'warren'])).toBe(expected);
});
