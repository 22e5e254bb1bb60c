import type { LiveHost } from '../channel.ts';
import { type ClusterStatus, clusterStatus } from '../cluster/status.ts';
import type { HostAnswers } from './answers.ts';
import { authoritiesOf, certificatesOf } from './certificates.ts';
import type {
  BrokerStatus,
  Endpoints,
  EnvironmentStatus,
  HostStatus,
  MirroredQueue,
  Servers,
  StatusReport,
} from './model.ts';
import { mirroredQueues } from './mirrors.ts';

export interface Observed {
  readonly stack: string;
  readonly target: string;
  /** Without the statistics page's path, which its balancers know. */
  readonly servers: Servers;
  readonly hosts: readonly LiveHost[];
  /** Answers by host name; a running host without an entry did not answer in time. */
  readonly answers: ReadonlyMap<string, HostAnswers>;
  readonly warnings: readonly string[];
}

/** Makes the status of what was observed. Pure. */
export function assembleStatus(observed: Observed): StatusReport {
  const { hosts, answers } = observed;
  const answered = hosts.flatMap((host) => answers.get(host.name) ?? []);
  const withRole = (role: string): LiveHost[] =>
    hosts.filter((host) => rolesOf(host, answers.get(host.name)).includes(role));
  const cluster = clusterOf(answered);
  const brokers = brokersOf(withBroker(withRole('broker'), cluster), answered);
  const holders = answered.filter(({ balancer }) => balancer?.vip === true).map(({ name }) => name);
  const servers = withStatisticsPath(observed.servers, answered);
  const status: EnvironmentStatus = {
    stack: observed.stack,
    target: observed.target,
    topology: fact(observed, withRole('broker'), 'TOPOLOGY', 'topology'),
    frontEnd: fact(observed, withRole('balancer'), 'FRONT_END', 'frontEnd'),
    endpoints: firstOf(servers),
    servers,
    hosts: hosts.map((host) => hostStatus(host, answers.get(host.name))),
    vipHolder: holders.length > 1 ? holders : (holders[0] ?? null),
    backends: answered.flatMap(({ name, balancer }) =>
      (balancer?.servers ?? []).map(({ backend, server, state }) => ({
        balancer: name,
        backend,
        server,
        state,
      })),
    ),
    brokers,
    certificates: certificatesOf(answered),
    authorities: authoritiesOf(answered),
    ...(cluster === undefined ? {} : { cluster }),
    queues: { leaders: leadersOf(brokers, answered), mirrored: mirroredOf(brokers, answered) },
  };
  const topologies = new Set(withRole('broker').flatMap(({ labels }) => labels['topology'] ?? []));
  const unfinished =
    topologies.size > 1
      ? [`a swap between ${[...topologies].sort().join(' and ')} is unfinished: npm run up goes on`]
      : [];
  const conflict =
    holders.length > 1 ? [`${holders.join(' and ')} both hold the virtual address`] : [];
  const idle = answered.flatMap(({ name, balancer }) =>
    balancer === undefined || balancer.keepalived === 'active'
      ? []
      : [
          `Keepalived of ${name} is ${balancer.keepalived}: ${name} would not take the virtual address`,
        ],
  );
  return { status, warnings: [...unfinished, ...conflict, ...idle, ...observed.warnings] };
}

function clusterOf(answered: readonly HostAnswers[]): ClusterStatus | undefined {
  const told = answered.flatMap(({ name, cluster }) => (cluster ? [[name, cluster] as const] : []));
  return clusterStatus(new Map(told));
}

/** Every host of a cluster reaches its one broker, and only one of them has it. */
const withBroker = (
  hosts: readonly LiveHost[],
  cluster: ClusterStatus | undefined,
): readonly LiveHost[] =>
  cluster?.brokerHost == null ? hosts : hosts.filter(({ name }) => name === cluster.brokerHost);

/** Roles by the host's own word, else by its label. */
export function rolesOf(host: LiveHost, answers: HostAnswers | undefined): string[] {
  const words = answers?.env?.['ROLES'] ?? host.labels['roles'] ?? '';
  return words.split(/[ ,]+/).filter((word) => word !== '');
}

function hostStatus(host: LiveHost, answers: HostAnswers | undefined): HostStatus {
  const { name, zone, address, kind } = host;
  const facts = { name, roles: rolesOf(host, answers), zone, address, ...(kind && { kind }) };
  if (host.state === 'stopped') return { ...facts, state: 'stopped' };
  if (answers?.env === undefined) return { ...facts, state: 'unresponsive' };
  const booted = answers.env['HOST'] !== undefined;
  return { ...facts, state: booted ? 'running' : 'booting' };
}

/** The first host's word for it, hosts of the role first; else the first label. */
function fact(
  { hosts, answers }: Observed,
  first: readonly LiveHost[],
  key: string,
  label: string,
): string | null {
  const inOrder = [...first, ...hosts];
  const told = inOrder.map(({ name }) => answers.get(name)?.env?.[key]);
  const labelled = inOrder.map(({ labels }) => labels[label]);
  return [...told, ...labelled].find((value) => value !== undefined && value !== '') ?? null;
}

function withStatisticsPath(servers: Servers, answered: readonly HostAnswers[]): Servers {
  const path = answered.map(({ env }) => env?.['STATISTICS_PATH']).find((one) => one !== undefined);
  const statistics = servers.statistics.map(({ host, url }) => ({ host, url: url + (path ?? '') }));
  return { ...servers, statistics };
}

const firstOf = ({ amqp, management, statistics, ...plain }: Servers): Endpoints => ({
  amqp: amqp[0]?.url ?? null,
  management: management[0]?.url ?? null,
  statistics: statistics[0]?.url ?? null,
  ...Object.fromEntries(Object.entries(plain).map(([name, [first]]) => [name, first?.url ?? null])),
});

function brokersOf(hosts: readonly LiveHost[], answered: readonly HostAnswers[]): BrokerStatus[] {
  const running = answered.filter(({ version }) => version !== undefined);
  return hosts.map(({ name }) => {
    const own = running.find((answers) => answers.name === name);
    return {
      name,
      running: own !== undefined,
      version: own?.version ?? null,
      alarms: own?.alarms ?? [],
      partitions: own === undefined ? [] : partitionsOf(own, running),
    };
  });
}

/**
 * Whom a broker does not see though they answer. Mnesia names them; a store that needs a majority
 * does not, but shows them as not running.
 */
function partitionsOf(own: HostAnswers, running: readonly HostAnswers[]): string[] {
  const nodes = own.nodes ?? [];
  const named = nodes.find(({ name }) => isNodeOf(name, own))?.partitions ?? [];
  return running
    .filter((other) => other.name !== own.name)
    .filter(
      (other) =>
        named.some((node) => isNodeOf(node, other)) ||
        nodes.some((node) => isNodeOf(node.name, other) && !node.running),
    )
    .map(({ name }) => name);
}

/** Node names end in the host's full name: `rabbit@broker-1.rig-quorum.internal`. */
function isNodeOf(node: string, { name, env }: HostAnswers): boolean {
  const host = node.slice(node.indexOf('@') + 1);
  return host === env?.['FQDN'] || host === name;
}

/** Counts leaders by broker; nodes that no host is known for count under their own names. */
function leadersOf(
  brokers: readonly BrokerStatus[],
  answered: readonly HostAnswers[],
): Record<string, number> {
  const leaders = new Map(brokers.map(({ name }) => [name, 0]));
  const queues = answered.flatMap((answers) => answers.queues ?? []);
  for (const { leader, node } of queues) {
    const at = leader ?? node;
    if (at === undefined || at === '') continue;
    const name = nameOfNode(at, brokers, answered);
    leaders.set(name, (leaders.get(name) ?? 0) + 1);
  }
  return Object.fromEntries(leaders);
}

function mirroredOf(
  brokers: readonly BrokerStatus[],
  answered: readonly HostAnswers[],
): MirroredQueue[] {
  const running = new Set(
    answered.flatMap(({ nodes }) => nodes ?? []).flatMap((one) => (one.running ? one.name : [])),
  );
  return mirroredQueues(
    answered.flatMap(({ queues }) => queues ?? []),
    {
      nameOf: (node) => nameOfNode(node, brokers, answered),
      isRunning: (node) => running.has(node),
    },
  );
}

function nameOfNode(
  node: string,
  brokers: readonly BrokerStatus[],
  answered: readonly HostAnswers[],
): string {
  const [only, ...others] = brokers;
  // It takes its name along from host to host.
  if (only !== undefined && others.length === 0) return only.name;
  const told = answered.find((answers) => isNodeOf(node, answers));
  if (told !== undefined) return told.name;
  // Its host may be down: then the first label of the full name is all there is to go by.
  const label = node.slice(node.indexOf('@') + 1).split('.')[0];
  return brokers.find(({ name }) => name === label)?.name ?? node;
}
