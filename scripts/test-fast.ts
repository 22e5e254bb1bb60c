import { runVitest, tallyLine } from './lib/checks.ts';
import { runCommand } from './lib/cli.ts';

await runCommand({
  name: 'test:fast',
  summary: 'Runs the tests that need neither root nor hosts: unit, golden, components.',
  stack: false,
  rest: { name: 'vitest arguments', description: 'passed on to vitest, e.g. a file or -t NAME' },
  examples: [
    ['npm run test:fast', 'all of them'],
    ['npm run test:fast -- -- test/unit/plan', 'those of one folder'],
  ],
  notes: [
    'Linters (haproxy, keepalived, promtool, ...) come from the cached base images where this user can read them, else from PATH. Without root a test whose tool is missing or too old is skipped; the last lines say why.',
  ],
  main: async ({ rest, io }) => {
    const tally = await runVitest('fast', rest);
    io.out(tallyLine(tally));
    return tally.failed === 0 ? 0 : 1;
  },
});
