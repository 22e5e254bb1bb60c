import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand, UsageError } from './lib/cli.ts';

const suites = ['provision', 'plan'] as const;
const parts = ['floor', 'up', 'no-op', 'swap', 'down', 'plan-render', 'memory'] as const;

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
      description: 'environments to bring up, or previews of each program',
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
    ['npm run bench -- provision', 'everything: floor, up, no-op, swap, down, render, memory'],
    ['npm run bench -- provision --only no-op,plan-render --runs 5', 'two parts, more runs'],
    ['npm run bench -- plan', 'previews of the aws stacks, their resources and user-data'],
  ],
  notes: [
    'It works on a stack `bench` of its own with state of its own and leaves nothing behind. The ' +
      'first environment warms caches and is sampled for memory; its times do not count.',
    'Exit codes: 0 measured (targets met or not: the table says), 1 could not measure, 2 wrong usage.',
  ],
  main: async ({ args, options, json, io, signal, cleanup }) => {
    const suite = suites.find((name) => name === args['SUITE']);
    if (suite === undefined) {
      const value = args['SUITE'] ?? '';
      throw new UsageError({ what: 'unknown suite', value, allowed: [...suites] });
    }
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
    const report =
      suite === 'plan'
        ? await (await import('./bench/plan.ts')).plan(shared)
        : await (
            await import('./bench/provision.ts')
          ).provision({ ...shared, parts: wanted, force: options.force, cleanup });
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
  return base;
}
