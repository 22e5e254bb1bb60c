import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { dashboardQueries, dashboards, type Panel } from '../../lib/dashboards.ts';
import { writeTree } from '../../lib/golden.ts';
import { nativeTool } from '../../lib/native-tools.ts';

const overlap = ({ gridPos: a }: Panel, { gridPos: b }: Panel): boolean =>
  a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;

it('there are two, each with a name of its own', () => {
  expect(dashboards.map(({ file, uid }) => [file, uid])).toEqual([
    ['brokers.json', 'rmqha-brokers'],
    ['front-end.json', 'rmqha-front-end'],
  ]);
});

describe.each(dashboards)('$file', ({ panels, schemaVersion, templating }) => {
  it('asks for its data source, whatever Grafana calls it', () => {
    expect(schemaVersion).toBeGreaterThanOrEqual(36);
    expect(templating.list[0]).toMatchObject({ name: 'datasource', type: 'datasource' });
    expect(new Set(panels.map(({ datasource }) => datasource.uid))).toEqual(
      new Set(['${datasource}']),
    );
  });

  it('has panels with a meaning and a place of their own', () => {
    expect(panels.length).toBeGreaterThan(10);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    for (const [index, panel] of panels.entries()) {
      expect(panel.description, panel.title).not.toBe('');
      expect(panel.targets.length, panel.title).toBeGreaterThan(0);
      expect(panel.gridPos.x + panel.gridPos.w, panel.title).toBeLessThanOrEqual(24);
      expect(panels.slice(index + 1).filter((other) => overlap(panel, other))).toEqual([]);
    }
  });
});

describe('queries', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'rabbitmq-ha-kit-queries-'));
    const rules = dashboardQueries().map((expr, index) => ({ record: `query_${index}`, expr }));
    writeTree(folder, { 'queries.yml': stringify({ groups: [{ name: 'queries', rules }] }) });
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it('are ones that Prometheus understands', async () => {
    const argv = (path: string) => ['check', 'rules', `${path}/queries.yml`];
    const checked = await nativeTool('promtool', folder, argv, 'trixie-monitor');
    expect(checked.code, checked.output).toBe(0);
    expect(checked.output).toContain(`${dashboardQueries().length} rules found`);
  });
});
