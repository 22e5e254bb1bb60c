import { randomInt } from 'node:crypto';
import { runVitest, tallyLine } from './lib/checks.ts';
import { oneOf, runCommand } from './lib/cli.ts';
import { createProgress } from './lib/progress.ts';
import { setup } from './lib/setup.ts';

const sweeps = ['interrupts', 'power-cuts', 'aws-brokers'] as const;

await runCommand({
  name: 'sweep',
  summary: 'Runs a long trial on real hosts that `npm test` has no time for.',
  stack: false,
  positionals: [{ name: 'sweep', description: `one of ${sweeps.join(', ')}`, required: true }],
  options: {
    runs: {
      type: 'number',
      default: 20,
      min: 1,
      max: 1000,
      description: 'of interrupts and power-cuts: how many',
    },
    seed: {
      type: 'number',
      max: 2 ** 31,
      description: 'of these two: repeats a sweep; drawn and shown unless stated',
    },
  },
  examples: [
    ['npm run sweep -- interrupts', '20 interrupts at random moments of up and down'],
    ['npm run sweep -- power-cuts', '20 power cuts of a broker that has just begun'],
    ['npm run sweep -- aws-brokers', 'brokers of aws-quorum replaced, more and fewer'],
    ['npm run sweep -- interrupts --runs 4 --seed 7', 'the first four of one that is known'],
  ],
  notes: [
    '`interrupts`: SIGINT, SIGTERM or SIGKILL at a random moment of `up`, then of `down`, in turn; after each the same command runs again and must leave a whole environment, or nothing.',
    '`power-cuts`: the host with the broker of drbd-pacemaker loses its power at a random moment of the first seconds in which a client declares queues and users; the other host takes over, and nothing that was confirmed may be missing. Some three minutes each.',
    '`aws-brokers`: on the simulated EC2, under a publisher: all brokers are replaced, then three become five and three again, past protected disks; each is interrupted once.',
    'The last line is `N passed, N failed`; the exit code is 0 only when nothing failed.',
  ],
  main: async ({ args, options, io }) => {
    const sweep = oneOf(sweeps, { subject: 'sweep', value: args['sweep'] });
    await setup({ images: true, progress: createProgress() });
    process.env['SWEEP_RUNS'] = String(options.runs);
    process.env['SWEEP_SEED'] = String(options.seed ?? randomInt(2 ** 31));
    const tally = await runVitest('sweep', [`test/sweep/${sweep}.test.ts`]);
    io.out(tallyLine(tally));
    return tally.failed === 0 ? 0 : 1;
  },
});
