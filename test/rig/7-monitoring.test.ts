import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitFor } from '../../infra/wait.ts';
import { alertCases } from '../lib/alert-cases.ts';
import { dashboardQueries, metricsIn } from '../lib/dashboards.ts';
import { figure, monitored as stack } from '../lib/rig/environments.ts';
import { powerOff } from '../lib/rig/faults.ts';

interface Target {
  readonly labels: { readonly job: string; readonly host: string };
  readonly health: string;
  readonly lastError: string;
}
interface Alert {
  readonly state: string;
  readonly labels: { readonly alertname: string; readonly host?: string };
}

const [, standby = ''] = stack.hosts('broker');
let page = '';

beforeAll(async () => {
  const { tookMs } = await stack.up();
  figure('monitored warren up, ms', tookMs);
  page = (await stack.outputs()).endpoints['monitoring'] ?? '';
}, 400_000);

afterAll(async () => {
  await stack.down();
}, 120_000);

/** `data` of an answer of the API of Prometheus. */
async function ask<T>(path: string): Promise<T> {
  const response = await fetch(new URL(path, page), { signal: AbortSignal.timeout(10_000) });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return ((await response.json()) as { data: T }).data;
}

const firing = async (): Promise<Alert[]> =>
  (await ask<{ alerts: Alert[] }>('api/v1/alerts')).alerts.filter(
    ({ state }) => state === 'firing',
  );

test('the monitor reaches every host, and nothing is wrong', async () => {
  const hosts = stack.plan().hosts.length;
  await waitFor(
    async () => {
      const { activeTargets } = await ask<{ activeTargets: Target[] }>('api/v1/targets');
      const bad = activeTargets.filter(({ health }) => health !== 'up');
      // Each host's own exporter, RabbitMQ on two, HAProxy on two, Prometheus itself.
      if (bad.length === 0 && activeTargets.length === hosts + 5)
        return { done: true, value: true };
      const seen = bad.map(({ labels, lastError }) => `${labels.job} ${labels.host}: ${lastError}`);
      return { seen: seen.join('; ') || `${activeTargets.length} targets` };
    },
    { subject: 'every target to be up', deadlineMs: 60_000, intervalMs: 250 },
  );
  expect((await stack.status()).endpoints.monitoring).toBe(page);
  const { groups } = await ask<{ groups: { rules: { name: string; health: string }[] }[] }>(
    'api/v1/rules',
  );
  const rules = groups.flatMap((group) => group.rules);
  expect(rules.map(({ name }) => name).sort()).toEqual(alertCases.map(({ alert }) => alert).sort());
});

test('everything that rules and dashboards ask for is measured', async () => {
  const names = new Set([
    ...dashboardQueries().flatMap(metricsIn),
    ...alertCases.flatMap(({ series, beside }) => metricsIn(`${series} ${beside?.[0] ?? ''}`)),
  ]);
  const elsewhere = [
    // With TLS only.
    'rabbitmq_ha_kit_certificate_expiry_timestamp_seconds',
    // Of LVS directors only.
    'rabbitmq_ha_kit_real_server_up',
    'rabbitmq_ha_kit_real_server_connections',
    // Of hosts that share a broker.
    'rabbitmq_ha_kit_cluster_quorate',
    'rabbitmq_ha_kit_cluster_failures',
    'rabbitmq_ha_kit_disk_copies',
    'rabbitmq_ha_kit_disk_apart',
    // There while an alert is.
    'ALERTS',
  ];
  for (const name of elsewhere) names.delete(name);
  await waitFor(
    async () => {
      const measured = new Set(await ask<string[]>('api/v1/label/__name__/values'));
      const missing = [...names].filter((name) => !measured.has(name));
      return missing.length === 0 ? { done: true, value: true } : { seen: missing.join(', ') };
    },
    { subject: 'every metric in use', deadlineMs: 30_000, intervalMs: 500 },
  );
  expect((await firing()).map(({ labels }) => labels.alertname)).toEqual([]);
});

test('a broker that is gone fires the alerts that say so, and no others', async () => {
  await powerOff(stack, [standby]);
  const begin = performance.now();
  const expected = ['BackendServerDown', 'BrokerDown', 'HostDown'];
  await waitFor(
    async () => {
      const names = new Set((await firing()).map(({ labels }) => labels.alertname));
      const missing = expected.filter((name) => !names.has(name));
      return missing.length === 0 ? { done: true, value: true } : { seen: [...names].join(', ') };
    },
    { subject: expected.join(', '), deadlineMs: 60_000, intervalMs: 250 },
  );
  figure('broker lost to alert, ms', Math.round(performance.now() - begin));
  const alerts = await firing();
  expect(new Set(alerts.map(({ labels }) => labels.alertname))).toEqual(new Set(expected));
  const down = alerts.filter(({ labels }) => labels.alertname === 'BrokerDown');
  expect(down.map(({ labels }) => labels.host)).toEqual([standby]);
});
