import { expiring } from '../../infra/operations/status/certificates.ts';
import { healthOf, isServing, troubles } from '../../infra/operations/status/health.ts';
import { daysUntil } from '../../infra/tls/life.ts';
import { type ClusterCell, clusterTables } from './cluster-text.ts';
import { type Cell, good, painter, table } from './table.ts';
import type {
  AuthorityStatus,
  EnvironmentStatus,
  ServerStatus,
  StatusReport,
} from '../../infra/operations/status/model.ts';

/** Words for people; colour only where asked for. */
export function statusText(report: StatusReport, colour: boolean): string {
  const { status, warnings } = report;
  if (status.hosts.length === 0) {
    return `${status.stack}: not up; npm run up -- --stack ${status.stack} brings it\n`;
  }
  const paint = painter(colour);
  const health = healthOf(report);
  const tone = { healthy: 'green', degraded: 'yellow', down: 'red' } as const;
  const shown = (rowsOf: (of: EnvironmentStatus) => Cell[][]): string[] => {
    const rows = rowsOf(status);
    return rows.length > 1 ? ['', ...table(rows, paint)] : [];
  };
  const lines = [
    `${status.stack}: ${status.topology ?? 'unknown topology'} behind ` +
      `${status.frontEnd ?? 'unknown front end'} on ${status.target}: ${paint(tone[health], health)}`,
    ...[...troubles(status), ...warnings, ...nearExpiry(status)].map(
      (line) => `  ${paint('yellow', line)}`,
    ),
    ...[endpointRows, hostRows, brokerRows].flatMap(shown),
    ...clusterTables(status.cluster).flatMap((rows) => shown(() => rows.map(clusterRow))),
    ...[mirrorRows, backendRows, certificateRows].flatMap(shown),
  ];
  return `${lines.join('\n')}\n`;
}

/** Not a trouble yet. An authority is not renewed by itself: clients must get to know the next one. */
const nearExpiry = (status: EnvironmentStatus): string[] =>
  expiring(status).near.map((line) =>
    line.startsWith('authority')
      ? `${line}: npm run rotate -- --certificates --ca makes the next one`
      : `${line}: npm run up renews it`,
  );

const clusterRow = (cells: readonly ClusterCell[]): Cell[] =>
  cells.map(([text, ok]) => (ok === undefined ? text : good(ok, text)));

const list = (items: readonly string[]): Cell =>
  items.length === 0 ? '-' : { text: items.join(', '), tone: 'red' };

/** A virtual address belongs to balancers, and the statistics page to HAProxy: without these nobody misses them. */
function endpointRows({ servers, vipHolder, hosts, frontEnd }: EnvironmentStatus): Cell[][] {
  const balanced = hosts.some(({ roles }) => roles.includes('balancer'));
  const held = typeof vipHolder === 'string' ? vipHolder : list(vipHolder ?? []);
  return [
    ['ENDPOINT', 'URL'],
    ...serverRows('AMQP', servers.amqp),
    ...serverRows('management', servers.management),
    ...(servers.amqpPlain ? serverRows('AMQP without TLS', servers.amqpPlain) : []),
    ...(servers.managementPlain ? serverRows('management without', servers.managementPlain) : []),
    ...(frontEnd === 'haproxy-keepalived' ? serverRows('statistics', servers.statistics) : []),
    ...(balanced ? [['VIP is with', held]] : []),
    ...(servers.monitoring ? serverRows('Prometheus', servers.monitoring) : []),
  ];
}

const serverRows = (title: string, servers: readonly ServerStatus[]): Cell[][] =>
  servers.length === 0
    ? [[title, '-']]
    : servers.map(({ host, url }) => [host === null ? title : `${title} ${host}`, url]);

const hostRows = ({ hosts }: EnvironmentStatus): Cell[][] => [
  ['HOST', 'ROLES', 'ZONE', 'ADDRESS', ...(withKinds(hosts) ? ['KIND'] : []), 'STATE'],
  ...hosts.map(({ name, roles, zone, address, kind, state }) => [
    name,
    roles.join(', ') || '-',
    zone,
    address,
    ...(withKinds(hosts) ? [kind ?? 'container'] : []),
    good(state === 'running', state),
  ]),
];

/** Where all are containers, or instances of a cloud, nobody asks. */
const withKinds = (hosts: EnvironmentStatus['hosts']): boolean =>
  hosts.some(({ kind }) => kind !== undefined);

const brokerRows = ({ brokers, queues }: EnvironmentStatus): Cell[][] => [
  ['BROKER', 'STATE', 'VERSION', 'LEADERS', 'ALARMS', 'HAS LOST'],
  ...brokers.map(({ name, running, version, alarms, partitions }) => [
    name,
    good(running, running ? 'running' : 'not running'),
    version ?? '-',
    String(queues.leaders[name] ?? 0),
    list(alarms),
    list(partitions),
  ]),
];

/** More rows than this say less; `--json` has them all. */
const mostQueues = 20;

function mirrorRows({ queues: { mirrored } }: EnvironmentStatus): Cell[][] {
  const more = mirrored.length - mostQueues;
  return [
    ['MIRRORED QUEUE', 'VHOST', 'MASTER', 'SYNCHRONISED', 'NOT SYNCHRONISED'],
    ...mirrored.slice(0, mostQueues).map(({ vhost, name, master, state, mirrors }) => {
      const where = (wanted: boolean): string[] =>
        mirrors.filter(({ synchronised }) => synchronised === wanted).map(({ broker }) => broker);
      return [
        name,
        vhost,
        state === 'running' ? master : good(false, `${master} (down)`),
        where(true).join(', ') || '-',
        list(where(false)),
      ];
    }),
    ...(more > 0 ? [[`and ${more} more, see --json`]] : []),
  ];
}

/** What each host shows, then whom all trust. */
const certificateRows = ({ certificates, authorities }: EnvironmentStatus): Cell[][] => [
  ['CERTIFICATE', 'SHOWN BY', 'SIGNED BY', 'EXPIRES', 'DAYS'],
  ...certificates.map(({ host, listeners, subject, issuer, ...life }) => [
    subject,
    `${host} ${listeners.join(', ')}`,
    issuer,
    ...expiryCells(life),
  ]),
  ...authorities.map(({ subject, ...life }) => [subject, '-', '-', ...expiryCells(life)]),
];

function expiryCells({ expires }: Pick<AuthorityStatus, 'expires'>): Cell[] {
  const days = daysUntil(new Date(expires));
  return [expires.slice(0, 10), good(days >= 0, String(days))];
}

/** A row for each balanced server, a column for each balancer: differences catch the eye. */
function backendRows({ backends }: EnvironmentStatus): Cell[][] {
  const balancers = [...new Set(backends.map(({ balancer }) => balancer))];
  const servers = Map.groupBy(backends, ({ backend, server }) => `${backend}/${server}`);
  return [
    ['BACKEND', ...balancers],
    ...[...servers].map(([server, states]) => [
      server,
      ...balancers.map((balancer): Cell => {
        const state = states.find((each) => each.balancer === balancer)?.state;
        return state === undefined ? '-' : good(isServing(state), state);
      }),
    ]),
  ];
}
