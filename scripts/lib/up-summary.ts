import type { EnvironmentPlan } from '../../infra/plan/model.ts';

export interface UpSummary {
  readonly stack: string;
  readonly endpoints: Readonly<Record<string, string>>;
  readonly changes: Readonly<Record<string, number>>;
  readonly probe: { readonly publishedMs: number; readonly consumedMs: number };
}

/** What a person needs to know once an environment is up. */
export function summaryText(plan: EnvironmentPlan, summary: UpSummary): string {
  const { stack, endpoints, probe } = summary;
  const option = stack === 'rig-quorum' ? '' : ` --stack ${stack}`;
  const first = plan.hosts[0]?.name ?? '';
  const vip = plan.virtualAddresses.map(({ address }) => address).join(', ');
  const hosts = plan.hosts.map(({ name, zone }) => `${name} (${zone})`).join(', ');
  const rows: [string, string][] = [
    ['AMQP', endpoints['amqp'] ?? '-'],
    ['Management', endpoints['management'] ?? '-'],
    ['HAProxy statistics', endpoints['statistics'] ?? '-'],
    ['VIP inside', vip],
    ['Hosts (zone)', hosts],
    [
      'Message',
      `confirmed in ${probe.publishedMs.toFixed(0)} ms, consumed in ${probe.consumedMs.toFixed(0)} ms`,
    ],
    ['Credentials', `npm run --silent pulumi --${option} stack output amqpUri --show-secrets`],
    ['', 'also managementUri and statisticsUri'],
    ['Shell on a host', `npm run shell --${option} ${first}`],
  ];
  const width = Math.max(...rows.map(([label]) => label.length));
  const next: [string, string][] = [
    [
      `npm run status${option === '' ? '' : ` --${option}`}`,
      'who holds the VIP, what each host says',
    ],
    [`npm run shell --${option} ${first} -- systemctl kill -s KILL rabbitmq-server`, 'break it'],
    [
      `npm run up --${option} --topology ${plan.topology === 'warren' ? 'quorum-cluster' : 'warren'}`,
      'swap the topology',
    ],
    [`npm run down${option === '' ? '' : ` --${option}`}`, 'gone without a trace'],
  ];
  return [
    '',
    `${stack}: ${plan.topology} behind ${plan.frontEnd} serves`,
    '',
    ...rows.map(([label, value]) => `  ${label.padEnd(width)}  ${value}`),
    '',
    'Try next',
    ...next.map(([command, meaning]) => `  ${command}\n      ${meaning}`),
    '',
  ].join('\n');
}
