import { healthOf } from '../infra/operations/status/health.ts';
import { readStatus } from '../infra/operations/status/read.ts';
import { runCommand } from './lib/cli.ts';
import { openSite } from './lib/site.ts';
import { statusText } from './lib/status-text.ts';

const exitCodes = { healthy: 0, degraded: 3, down: 4 } as const;

await runCommand({
  name: 'status',
  summary: 'Shows what an environment is right now: every host is asked, none is taken on trust.',
  json: true,
  examples: [
    ['npm run status', 'tables of hosts, brokers and balanced servers'],
    ['npm run --silent status -- --json', 'the same for programs'],
  ],
  notes: [
    'Hosts are asked at once and have less than three seconds; one that is dead or hangs is shown ' +
      'as such. What could not be found out is named on standard error with --json.',
    'Exit codes: 0 healthy, 1 failed, 2 wrong usage, 3 degraded (something is down, in alarm or ' +
      'unknown), 4 no broker runs.',
  ],
  main: async ({ stack, json, io }) => {
    const site = await openSite(stack);
    const report = await readStatus(site, site.deadlines);
    if (json) {
      io.out(`${JSON.stringify(report.status, null, 2)}\n`);
      for (const warning of report.warnings) io.err(`warning: ${warning}\n`);
    } else {
      io.out(statusText(report, io.colour));
    }
    return exitCodes[healthOf(report)];
  },
});
