import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../../infra/paths.ts';

/** What the tests read of a Grafana dashboard. */
export interface Dashboard {
  readonly file: string;
  readonly uid: string;
  readonly title: string;
  readonly schemaVersion: number;
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly type: string }[];
  };
  readonly panels: readonly Panel[];
}

export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description: string;
  readonly gridPos: {
    readonly x: number;
    readonly y: number;
    readonly w: number;
    readonly h: number;
  };
  readonly datasource: { readonly type: string; readonly uid: string };
  readonly targets: readonly { readonly refId: string; readonly expr: string }[];
}

const folder = join(repositoryRoot, 'monitoring', 'dashboards');

export const dashboards: readonly Dashboard[] = readdirSync(folder)
  .sort()
  .map((file) => ({
    ...(JSON.parse(readFileSync(join(folder, file), 'utf8')) as Omit<Dashboard, 'file'>),
    file,
  }));

/** Every query, with values in place of Grafana's variables. */
export const dashboardQueries = (): string[] =>
  dashboards.flatMap(({ panels }) =>
    panels.flatMap(({ targets }) =>
      targets.map(({ expr }) =>
        expr
          .replaceAll('$__rate_interval', '1m')
          .replaceAll('$__range', '1h')
          .replaceAll('$host', '.*'),
      ),
    ),
  );

/** Names of the metrics in a query. */
export const metricsIn = (query: string): string[] => [
  ...new Set(query.match(/\b(?:up|ALERTS|(?:rabbitmq|haproxy|node)_\w+)\b/g) ?? []),
];
