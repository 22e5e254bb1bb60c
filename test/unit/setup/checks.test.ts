import { expect, test } from 'vitest';

import { skippedLines, sum, tallyLine, tallyOf } from '../../../scripts/lib/checks.ts';

const report = (passed: number, failed: number, brokenFiles = 0) => ({
  numPassedTests: passed,
  numFailedTests: failed,
  testResults: Array.from({ length: brokenFiles }, () => ({
    status: 'failed',
    assertionResults: [],
  })),
});

test.each([
  ['all passed', report(5, 0), 0, { passed: 5, failed: 0 }],
  ['some failed', report(5, 2), 1, { passed: 5, failed: 2 }],
  ['a file that cannot be imported', report(5, 0, 1), 1, { passed: 5, failed: 1 }],
  ['a bad end without a failed test', report(5, 0), 1, { passed: 5, failed: 1 }],
  ['no report', undefined, 1, { passed: 0, failed: 1 }],
])('counts a run: %s', (_name, given, exitCode, expected) => {
  expect(tallyOf(given, exitCode)).toEqual(expected);
});

test('the last line sums everything up', () => {
  expect(
    tallyLine(
      sum([
        { passed: 3, failed: 0 },
        { passed: 10, failed: 2 },
      ]),
    ),
  ).toBe('13 passed, 2 failed\n');
});

test('what was skipped is said once a reason', () => {
  const skipped = (reason: string) => ({ status: 'skipped', meta: { skippedFor: reason } });
  const results = [[skipped('no erl'), { status: 'passed', meta: {} }], [skipped('no erl')]];
  const testResults = results.map((assertionResults) => ({ status: 'passed', assertionResults }));
  expect(skippedLines({ ...report(1, 0), testResults })).toEqual(['skipped 2: no erl\n']);
  expect(skippedLines(report(5, 0))).toEqual([]);
});
