import { checks, runChecks, tallyLine } from './lib/checks.ts';
import { runCommand } from './lib/cli.ts';

await runCommand({
  name: 'check',
  summary: `Checks the source itself: ${checks.map(([name]) => name).join(', ')}.`,
  stack: false,
  examples: [['npm run check', 'all of them, also after one has failed']],
  main: async ({ io }) => {
    const tally = await runChecks(io.out);
    io.out(tallyLine(tally));
    return tally.failed === 0 ? 0 : 1;
  },
});
