import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { $ } from 'zx/core';

import { repositoryRoot } from '../../infra/paths.ts';

/** Tests or checks, added up. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
}

export const sum = (tallies: readonly Tally[]): Tally => ({
  passed: tallies.reduce((total, { passed }) => total + passed, 0),
  failed: tallies.reduce((total, { failed }) => total + failed, 0),
});

/** The last line of `npm test`; programs read it. */
export const tallyLine = ({ passed, failed }: Tally): string =>
  `${passed} passed, ${failed} failed\n`;

const bin = (name: string): string => join(repositoryRoot, 'node_modules', '.bin', name);

/** Checks of the source itself, by name. */
export const checks: readonly (readonly [name: string, argv: readonly string[]])[] = [
  ['types', [bin('tsc'), '-p', repositoryRoot]],
  ['lint', [bin('eslint'), '--max-warnings', '0', repositoryRoot]],
  ['format', [bin('prettier'), '--check', '--log-level', 'warn', repositoryRoot]],
];

/** Runs every check, also after one has failed; each counts as one. */
export async function runChecks(say: (line: string) => void): Promise<Tally> {
  const tallies: Tally[] = [];
  for (const [name, argv] of checks) {
    const code = await runHere(argv);
    say(`check ${name}: ${code === 0 ? 'passed' : 'FAILED'}\n`);
    tallies.push(code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 });
  }
  return sum(tallies);
}

/** What the kit reads of vitest's JSON report. */
export interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly {
      readonly status?: string;
      /** What test/lib/skip-test.ts says. */
      readonly meta?: { readonly skippedFor?: string };
    }[];
  }[];
}

/** What tests were skipped for, one line a reason: a run that looked at less says so. */
export function skippedLines(report: VitestReport | undefined): string[] {
  const reasons = (report?.testResults ?? [])
    .flatMap(({ assertionResults }) => assertionResults)
    .flatMap(({ meta }) => meta?.skippedFor ?? []);
  return [...Map.groupBy(reasons, (reason) => reason)].map(
    ([reason, { length }]) => `skipped ${length}: ${reason}\n`,
  );
}

/**
 * Counts of a report. A file that failed outside of its tests (at import, say) counts as one, and so
 * does a run that ended badly without any failed test; a run without a report is one failure.
 */
export function tallyOf(report: VitestReport | undefined, exitCode: number): Tally {
  if (report === undefined) return { passed: 0, failed: 1 };
  const broken = report.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  ).length;
  const failed = report.numFailedTests + broken;
  return { passed: report.numPassedTests, failed: exitCode !== 0 ? Math.max(1, failed) : failed };
}

/** Runs one vitest project on this terminal, says what it skipped, and counts. */
export async function runVitest(
  project: 'fast' | 'rig' | 'sweep',
  extra: readonly string[] = [],
): Promise<Tally> {
  const folder = await mkdtemp(join(tmpdir(), 'rabbitmq-ha-kit-test-'));
  const report = join(folder, 'report.json');
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    const code = await runHere([
      bin('vitest'),
      'run',
      '--project',
      project,
      ...reporters,
      ...extra,
    ]);
    const text = await readFile(report, 'utf8').catch(() => undefined);
    const read = text === undefined ? undefined : (JSON.parse(text) as VitestReport);
    process.stdout.write(skippedLines(read).join(''));
    return tallyOf(read, code);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function runHere(argv: readonly string[]): Promise<number> {
  const here = $({ cwd: repositoryRoot, stdio: 'inherit', nothrow: true, quiet: true });
  return (await here`${argv}`).exitCode ?? 1;
}
