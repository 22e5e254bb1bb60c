import { errorText } from './lib/cli-errors.ts';
import { runChecks, runVitest, sum, tallyLine } from './lib/checks.ts';
import { runCommand } from './lib/cli.ts';
import { createProgress } from './lib/progress.ts';
import { containerImages, setup } from './lib/setup.ts';

await runCommand({
  name: 'test',
  summary: 'Sets this machine up, then runs everything: checks, fast tests, tests on real hosts.',
  stack: false,
  examples: [['npm test', 'all, as CI does; as root, some minutes']],
  notes: [
    'The last line is `N passed, N failed`; each of the checks (types, lint, format) counts as one. The exit code is 0 only when nothing failed.',
  ],
  main: async ({ io }) => {
    try {
      const images = [...containerImages, 'trixie-machine' as const];
      await setup({ images, check: 'full', progress: createProgress() });
    } catch (error) {
      io.err(errorText(error));
      io.out(tallyLine({ passed: 0, failed: 1 }));
      return 1;
    }
    const tally = sum([await runChecks(io.out), await runVitest('fast'), await runVitest('rig')]);
    io.out(tallyLine(tally));
    return tally.failed === 0 ? 0 : 1;
  },
});
