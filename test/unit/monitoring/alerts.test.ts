import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { repositoryRoot } from '../../../infra/paths.ts';
import { renderEnvironment } from '../../../infra/render/environment.ts';
import { type AlertCase, alertCases } from '../../lib/alert-cases.ts';
import { writeTree } from '../../lib/golden.ts';
import { nativeTool } from '../../lib/native-tools.ts';
import { samplePlan } from '../../lib/sample-environments.ts';

interface RuleFile {
  readonly groups: readonly { readonly rules: readonly { readonly alert: string }[] }[];
}

const files = Object.fromEntries(
  renderEnvironment(samplePlan('monitored'))
    .flatMap(({ name, files: own }) => (name === 'monitor' ? own : []))
    .filter(({ path }) => path.startsWith('/etc/prometheus/'))
    .map(({ path, content }) => [path.replace('/etc/prometheus/', ''), content]),
);
const rules = Object.keys(files).filter((path) => path.startsWith('rules/'));
const alerts = rules.flatMap((path) =>
  (parse(files[path] ?? '') as RuleFile).groups.flatMap((group) =>
    group.rules.map(({ alert }) => alert),
  ),
);

/** At ten minutes, figures a quarter of a minute apart. */
const caseOf = (each: AlertCase, values: string, fires: boolean): object => ({
  interval: '15s',
  input_series: [
    { series: each.series, values },
    ...(each.beside ? [{ series: each.beside[0], values: each.beside[1] }] : []),
  ],
  alert_rule_test: [
    {
      eval_time: '10m',
      alertname: each.alert,
      exp_alerts: fires
        ? [
            {
              exp_labels: { severity: each.severity, ...each.labels },
              exp_annotations: { summary: each.summary },
            },
          ]
        : [],
    },
  ],
});

describe('promtool', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'rabbitmq-ha-kit-rules-'));
    const tests = alertCases.flatMap((each) => [
      caseOf(each, each.fires, true),
      caseOf(each, each.quiet, false),
    ]);
    const suite = { rule_files: rules, evaluation_interval: '15s', tests };
    writeTree(folder, { ...files, 'alerts.test.yml': stringify(suite) });
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });
  const promtool =
    (...argv: string[]) =>
    (path: string) => [...argv.slice(0, -1), `${path}/${argv.at(-1) ?? ''}`];

  it('reads the settings and every rule', async () => {
    const argv = promtool('check', 'config', 'prometheus.yml');
    const checked = await nativeTool('promtool', folder, argv, 'trixie-monitor');
    expect(checked.code, checked.output).toBe(0);
    expect(checked.output).toContain(`${rules.length} rule files found`);
  });

  it('sees each alert fire when it should, and only then', async () => {
    const argv = promtool('test', 'rules', 'alerts.test.yml');
    const checked = await nativeTool('promtool', folder, argv, 'trixie-monitor');
    expect(checked.code, checked.output).toBe(0);
  }, 60_000);
});

it('every alert is tried, once', () => {
  expect(alertCases.map(({ alert }) => alert).sort()).toEqual(alerts.toSorted());
});

it('every alert has a heading in docs/monitoring.md that says what to do', () => {
  const text = readFileSync(join(repositoryRoot, 'docs', 'monitoring.md'), 'utf8');
  const headings = [...text.matchAll(/^### (\w+)$/gm)].map(([, name]) => name);
  expect(headings.toSorted()).toEqual(alerts.toSorted());
});
