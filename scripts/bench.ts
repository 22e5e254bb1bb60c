import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Report } from './bench/report.ts';
import { oneOf, runCommand, UsageError } from './lib/cli.ts';

const suites = ['provision', 'plan', 'vip', 'directors', 'failover'] as const;
const parts = [
  'floor',
  'machine-floor',
  'up',
  'no-op',
  'swap',
  'down',
  'plan-render',
  'memory',
  'machines',
] as const;

await runCommand({
  name: 'bench',
  summary: 'Measures what the kit costs; every figure comes with its ratio to what it stands on.',
  stack: false,
  json: true,
  options: {
    only: {
      type: 'string',
      multiple: true,
      placeholder: 'PARTS',
      description: `of provision, measure these only, separated by commas: ${parts.join(', ')}`,
    },
    runs: {
      type: 'number',
      default: 3,
      min: 1,
      max: 50,
      description:
        'environments to bring up, previews of each program, moves of each address, or lost hosts',
    },
    out: {
      type: 'string',
      placeholder: 'FILE',
      description: 'where the JSON goes; default out/bench/<suite>-<time>.json',
    },
    force: {
      type: 'boolean',
      description: 'go on beside other rigs of the kit; figures are noisy',
    },
  },
  positionals: [
    { name: 'SUITE', description: `what to measure: ${suites.join(', ')}`, required: true },
  ],
  examples: [
    [
      'npm run bench -- provision',
      'everything: floors, up, no-op, swap, down, render, memory, stacks with virtual machines',
    ],
    ['npm run bench -- provision --only no-op,plan-render --runs 5', 'two parts, more runs'],
    ['npm run bench -- vip', 'a lost balancer on the rig and on a simulated EC2, in turn'],
    ['npm run bench -- directors', 'a lost LVS director on the rig, in each mode'],
    ['npm run bench -- failover', 'the host with the broker of rig-drbd lost'],
    ['npm run bench -- plan', 'previews of the aws stacks, their resources and user-data'],
  ],
  notes: [
    'It works on stacks of its own with state of its own and leaves nothing behind. Of `provision` the ' +
      'first environment warms caches and is sampled for memory; its times do not count.',
    '`vip` takes the power of the balancer that holds the address, and opens an AMQP connection through it ' +
      'every 50 ms, each with 250 ms to be answered. EC2 is the simulation of test/aws.',
    '`directors` takes the power of the LVS director that holds the address, while a client publishes with ' +
      'confirms, ten connections are idle, and one is opened every 50 ms, each with 250 ms to be answered.',
    '`failover` compares the time without a broker with what cannot be left out: token and consensus of ' +
      "Corosync, fencing, mounting and one start of the broker, each as the host's journal has it.",
    'Exit codes: 0 measured (targets met or not: the table says), 1 could not measure, 2 wrong usage.',
  ],
  main: async ({ args, options, json, io, signal, cleanup }) => {
    const suite = oneOf(suites, { subject: 'suite', value: args['SUITE'] });
    const only = options.only.flatMap((list) => list.split(','));
    const unknown = only.find((name) => !parts.some((part) => part === name));
    if (unknown !== undefined) {
      throw new UsageError({ what: '--only names no part', value: unknown, allowed: [...parts] });
    }
    const base = ownPlaces();
    cleanup(() => {
      rmSync(base, { recursive: true, force: true });
    });
    // Only now: what they import reads the places above once.
    const { reportText, storeReport } = await import('./bench/report.ts');
    const shared = { base, runs: options.runs, signal };
    const wanted = parts.filter((part) => only.length === 0 || only.includes(part));
    const alone = { ...shared, force: options.force, cleanup };
    const works: Record<typeof suite, () => Promise<Report>> = {
      provision: async () =>
        (await import('./bench/provision.ts')).provision({ ...alone, parts: wanted }),
      plan: async () => (await import('./bench/plan.ts')).plan(shared),
      directors: async () => (await import('./bench/directors/directors.ts')).directors(alone),
      failover: async () => (await import('./bench/failover/failover.ts')).failover(alone),
      vip: async () => (await import('./bench/vip/vip.ts')).vip(alone),
    };
    const report = await works[suite]();
    const file = await storeReport(report, options.out);
    io.out(json ? `${JSON.stringify(report, null, 2)}\n` : `${reportText(report)}\n${file}\n`);
    return 0;
  },
});

/** State and stack files apart from the user's, and no backend or stack of theirs. Returns the folder. */
function ownPlaces(): string {
  const base = mkdtempSync(join(tmpdir(), 'rabbitmq-ha-kit-bench-'));
  for (const name of Object.keys(process.env)) {
    if (name.startsWith('PULUMI_')) Reflect.deleteProperty(process.env, name);
  }
  process.env['RABBITMQ_HA_KIT_STATE'] = join(base, 'state');
  process.env['RABBITMQ_HA_KIT_STACKS'] = join(base, 'stacks');
  process.env['RABBITMQ_HA_KIT_LOGS'] = join(base, 'logs');
  return base;
}
