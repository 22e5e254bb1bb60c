import { TestRunner } from 'vitest';

/**
 * Ends the test that runs as skipped. What it lacks goes into vitest's report, from which
 * `npm run test:fast` and `npm test` print it.
 */
export function skipTest(reason: string): never {
  const test = TestRunner.getCurrentTest();
  if (test === undefined) throw new Error(`${reason} (outside of a test)`);
  test.meta.skippedFor = reason;
  return test.context.skip(reason);
}

declare module 'vitest' {
  interface TaskMeta {
    skippedFor?: string;
  }
}
