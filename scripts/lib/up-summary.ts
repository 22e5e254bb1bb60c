import type { ServerOutput } from '../../infra/components/endpoint-outputs.ts';
import { topologies } from '../../infra/config/names.ts';
import type { EnvironmentPlan } from '../../infra/plan/model.ts';
import { topologyModules } from '../../infra/plan/topologies/index.ts';

export interface UpSummary {
  readonly stack: string;
  readonly endpoints: Readonly<Record<string, string>>;
  readonly servers: Readonly<Record<string, readonly ServerOutput[]>>;
  /** File with the certificates that a client is to trust. */
  readonly caFile?: string | undefined;
  /** Host with the broker, where hosts take turns at one. */
  readonly brokerHost?: string | undefined;
  readonly changes: Readonly<Record<string, number>>;
  readonly probe?: { readonly publishedMs: number; readonly consumedMs: number } | undefined;
}

/** What a person needs to know once an environment is up. */
export function summaryText(plan: EnvironmentPlan, summary: UpSummary): string {
  const { stack, servers, caFile, brokerHost, probe } = summary;
  const option = stack === 'rig-quorum' ? '' : ` --stack ${stack}`;
  const first = brokerHost ?? plan.hosts[0]?.name ?? '';
  const vip = plan.virtualAddresses.map(({ address }) => address).join(', ');
  const hosts = plan.hosts.map(({ name, zone }) => `${name} (${zone})`).join(', ');
  const rows: [string, string][] = [
    ...serverRows('AMQP', servers['amqp']),
    ...serverRows('Management', servers['management']),
    ...(vip === ''
      ? []
      : [...serverRows('HAProxy statistics', servers['statistics']), vipRow(vip)]),
    ...serverRows('AMQP without TLS', servers['amqpPlain']),
    ...serverRows('Management without', servers['managementPlain']),
    ...(servers['monitoring'] ? serverRows('Prometheus', servers['monitoring']) : []),
    ...trustRows(caFile),
    ['Hosts (zone)', hosts],
    [
      'Message',
      probe === undefined
        ? 'not sent: clients connect inside the VPC'
        : `confirmed in ${probe.publishedMs.toFixed(0)} ms, consumed in ${probe.consumedMs.toFixed(0)} ms`,
    ],
    ['Credentials', `npm run --silent pulumi --${option} stack output amqpUri --show-secrets`],
    ['', `also ${otherUris(plan)}`],
    ['Shell on a host', `npm run shell --${option} ${first}`],
  ];
  const width = Math.max(...rows.map(([label]) => label.length));
  const next: [string, string][] = [
    [
      `npm run status${option === '' ? '' : ` --${option}`}`,
      vip === '' ? 'what each host says' : 'who holds the VIP, what each host says',
    ],
    [`npm run shell --${option} ${first} -- systemctl kill -s KILL rabbitmq-server`, 'break it'],
    ...anotherTopology(plan).map((topology): [string, string] => [
      `npm run up --${option} --topology ${topology}`,
      'swap the topology',
    ]),
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

const trustRows = (caFile: string | undefined): [string, string][] =>
  caFile === undefined ? [] : [['Trust (CA)', caFile]];

const vipRow = (vip: string): [string, string] => ['VIP inside', vip];

/** A row for each server; what tells them apart is said where there are several. */
const serverRows = (title: string, servers: readonly ServerOutput[] = []): [string, string][] =>
  servers.map(({ host, url, role, weight }, index) => {
    const traits = [
      host,
      role === 'backup' ? role : null,
      weight === 1 ? null : `weight ${weight}`,
    ];
    const told = traits.filter((trait) => trait !== null).join(', ');
    return [index === 0 ? title : '', told === '' ? url : `${url} (${told})`];
  });

function otherUris({ endpoints, externalBalancer }: EnvironmentPlan): string {
  const several = endpoints.some(({ servers }) => servers.length > 1);
  const names = [
    ...(several ? ['amqpUris (all brokers)'] : []),
    'managementUri',
    ...(endpoints.some(({ name }) => name === 'statistics') ? ['statisticsUri'] : []),
    ...(externalBalancer === undefined ? [] : ['balancer (what yours is to be told)']),
  ];
  return `${names.slice(0, -1).join(', ')}${names.length > 1 ? ' and ' : ''}${names.at(-1) ?? ''}`;
}

/** One of today's RabbitMQ that can stand behind the same front end; none where there is no such one. */
function anotherTopology({ topology, frontEnd }: EnvironmentPlan): string[] {
  // An address that moves with the one broker leads nowhere else.
  if (frontEnd === 'pacemaker-vip') return [];
  return topologies
    .filter((name) => name !== topology && topologyModules[name].rabbitmq === '4.0')
    .filter((name) => frontEnd !== 'lvs-keepalived' || !topologyModules[name].standby)
    .slice(0, 1);
}
