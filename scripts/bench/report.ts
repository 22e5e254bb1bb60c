import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism, loadavg, release, totalmem } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { repositoryRoot } from '../../infra/paths.ts';
import type { Samples } from './samples.ts';

/** One measured thing, with what it is compared to. */
export interface Figure {
  /** Stable name for programs, e.g. `no-op-up`. */
  readonly name: string;
  /** For people. */
  readonly title: string;
  readonly unit: 's' | 'ms' | 'MiB' | 'bytes' | 'resources' | 'connections';
  readonly samples: Samples;
  /** Against another figure or a fixed amount; absent where there is nothing to compare to. */
  readonly ratio?: Ratio;
}

export interface Ratio {
  readonly value: number;
  /** What 1 stands for, e.g. `floor`. */
  readonly of: string;
  /** Most that is allowed; absent where the issue states none. */
  readonly target?: number;
}

export interface Report {
  readonly suite: string;
  /** ISO 8601, when it began. */
  readonly time: string;
  readonly machine: {
    readonly cpus: number;
    readonly memoryMiB: number;
    readonly kernel: string;
    readonly node: string;
    /** One-minute load average before the first measurement: far from 0 means noisy figures. */
    readonly loadBefore: number;
  };
  readonly runs: number;
  readonly figures: readonly Figure[];
}

export const describeMachine = (): Report['machine'] => ({
  cpus: availableParallelism(),
  memoryMiB: Math.round(totalmem() / 1024 ** 2),
  kernel: release(),
  node: process.version,
  loadBefore: loadavg()[0] ?? 0,
});

/** The median against that of another figure, or nothing where the other was not measured. */
export function ratioTo(
  samples: Samples,
  other: Samples | undefined,
  of: string,
  target?: number,
): { readonly ratio?: Ratio } {
  if (other === undefined) return {};
  const value = samples.median / other.median;
  return { ratio: { value, of, ...(target === undefined ? {} : { target }) } };
}

/** Writes the report as JSON and says where. */
export async function storeReport(report: Report, out: string | undefined): Promise<string> {
  const moment = report.time.slice(0, 19).replaceAll(':', '');
  const file = out ?? join(repositoryRoot, 'out/bench', `${report.suite}-${moment}.json`);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(report, null, 2)}\n`);
  return out ?? relative(process.cwd(), file);
}

/** A table for people: median and range, ratio, target, and whether it is met. */
export function reportText({ machine, figures, runs }: Report): string {
  const head = ['', 'median', 'range', 'n', 'ratio', 'target', ''];
  const rows = [head, ...figures.map(row)];
  const widths = head.map((_, column) =>
    Math.max(...rows.map((each) => each[column]?.length ?? 0)),
  );
  const lines = rows.map((cells) =>
    cells
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return column === 0 || column === 4 ? cell.padEnd(width) : cell.padStart(width);
      })
      .join('  ')
      .trimEnd(),
  );
  const { cpus, memoryMiB, kernel, loadBefore } = machine;
  const about = `${cpus} CPUs, ${memoryMiB} MiB, Linux ${kernel}, load ${loadBefore.toFixed(1)}, ${runs} runs`;
  return ['', about, '', ...lines, ''].join('\n');
}

function row({ title, unit, samples, ratio }: Figure): string[] {
  const show = (value: number): string => {
    if (unit !== 's' && unit !== 'ms') return value.toFixed(0);
    return value >= 100 ? value.toFixed(0) : value.toFixed(value >= 10 ? 1 : 2);
  };
  const { median, min, max, runs } = samples;
  const target = ratio?.target;
  return [
    title,
    `${show(median)} ${unit}`,
    runs.length > 1 ? `${show(min)} - ${show(max)}` : '',
    String(runs.length),
    ratio === undefined ? '' : `${ratio.value.toFixed(2)} ${ratio.of}`,
    target === undefined ? '' : `<= ${target}`,
    ratio === undefined || target === undefined ? '' : ratio.value <= target ? 'met' : 'MISSED',
  ];
}
