import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files in the order of their names: those of the rig share environments. */
class ByName extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return Promise.resolve(files.toSorted((a, b) => a.moduleId.localeCompare(b.moduleId)));
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: ByName },
    projects: [
      {
        test: {
          name: 'fast',
          include: ['test/{unit,golden,components}/**/*.test.ts'],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          // Real hosts: one file at a time, in the order of their names, minutes each.
          name: 'rig',
          include: ['test/rig/**/*.test.ts'],
          globalSetup: ['test/lib/rig/alone.ts'],
          setupFiles: ['test/lib/rig/surroundings.ts'],
          fileParallelism: false,
          testTimeout: 5 * 60_000,
          hookTimeout: 10 * 60_000,
        },
      },
      {
        test: {
          // Long trials: `npm run sweep`.
          name: 'sweep',
          include: ['test/sweep/**/*.test.ts'],
          globalSetup: ['test/lib/rig/alone.ts'],
          setupFiles: ['test/lib/rig/surroundings.ts'],
          fileParallelism: false,
          testTimeout: 15 * 60_000,
          hookTimeout: 15 * 60_000,
        },
      },
    ],
  },
});
