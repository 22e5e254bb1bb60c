/** What the load balancers of the simulated cloud are made of; everything pure. */

export interface HealthCheck {
  readonly protocol: 'TCP' | 'HTTP' | 'HTTPS';
  readonly port: number;
  readonly path: string;
  /** Of HTTP, e.g. `200`. */
  readonly codes: string;
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  readonly rise: number;
  readonly fall: number;
}

export interface Target {
  /** Of the instance. */
  readonly id: string;
  readonly address: string;
  readonly zone: string;
  readonly port: number;
}

export interface TargetGroup {
  readonly arn: string;
  readonly name: string;
  readonly check: HealthCheck;
  /** Connections end when their target becomes unhealthy. */
  readonly cutOnUnhealthy: boolean;
  readonly targets: readonly Target[];
}

export interface BalancerListener {
  readonly port: number;
  readonly idleSeconds: number;
  readonly group: TargetGroup;
}

export interface BalancerPlace {
  readonly subnet: string;
  readonly cidr: string;
  readonly zone: string;
  readonly address: string;
}

/** What a security group lets pass, to or from addresses: groups are resolved. */
export interface Permission {
  readonly protocol: string;
  readonly firstPort: number;
  readonly lastPort: number;
  readonly peers: readonly string[];
}

export interface Balancer {
  readonly arn: string;
  readonly dnsName: string;
  readonly crossZone: boolean;
  readonly places: readonly BalancerPlace[];
  readonly listeners: readonly BalancerListener[];
  readonly ingress: readonly Permission[];
  readonly egress: readonly Permission[];
}

/** The load balancer in one zone: it checks and forwards by itself. */
export interface NodePlan {
  readonly balancer: string;
  readonly place: BalancerPlace;
  readonly listeners: readonly BalancerListener[];
  readonly rules: string;
}

/** One node a zone; without cross-zone balancing each knows the targets of its own zone only. */
export const nodesOf = (balancer: Balancer): NodePlan[] =>
  balancer.places.map((place) => ({
    balancer: balancer.arn,
    place,
    rules: groupRules(balancer),
    listeners: balancer.listeners.map((listener) => {
      const { targets } = listener.group;
      const near = targets.filter(({ zone }) => balancer.crossZone || zone === place.zone);
      return { ...listener, group: { ...listener.group, targets: near } };
    }),
  }));

/** What passes a node by its security groups: health checks are judged like all else. */
export function groupRules({ ingress, egress }: Pick<Balancer, 'ingress' | 'egress'>): string {
  const lines = (permissions: readonly Permission[], side: 'saddr' | 'daddr'): string =>
    permissions
      .filter(({ peers, protocol }) => peers.length > 0 && protocol === 'tcp')
      .map(
        ({ peers, firstPort, lastPort }) =>
          `    ip ${side} { ${peers.join(', ')} } tcp dport ${firstPort}-${lastPort} accept\n`,
      )
      .join('');
  const chain = (name: string, accepted: string): string =>
    `  chain ${name} {\n    type filter hook ${name} priority filter; policy drop;\n` +
    `    ct state established accept\n${accepted}  }\n`;
  return (
    'table inet groups\ndelete table inet groups\ntable inet groups {\n' +
    chain('input', lines(ingress, 'saddr')) +
    chain('output', lines(egress, 'daddr')) +
    '}\n'
  );
}

/** HAProxy's backend of healthy targets, and the one of all, for when none is healthy. */
export const backends = (group: Pick<TargetGroup, 'name'>): { healthy: string; open: string } => ({
  healthy: group.name,
  open: `${group.name}-open`,
});

/** Targets come and go at its run time: they are not in the file. */
export function proxyConfig({ place, listeners }: NodePlan, socket: string): string {
  const global = `global
  stats socket ${socket} mode 600 level admin
  nbthread 1
  maxconn 1000

defaults
  mode tcp
  timeout connect 5s
  retries 0
`;
  return [global, ...listeners.map((listener) => serviceConfig(place, listener))].join('\n');
}

function serviceConfig(
  { address }: BalancerPlace,
  { port, idleSeconds, group }: BalancerListener,
): string {
  const { healthy, open } = backends(group);
  const { protocol, path, codes, timeoutSeconds } = group.check;
  const check =
    protocol === 'TCP'
      ? '  option tcp-check\n'
      : `  option httpchk\n  http-check send meth GET uri ${path} ver HTTP/1.1 hdr Host ${address}\n` +
        `  http-check expect status ${codes}\n`;
  return (
    `frontend ${port}\n  bind ${address}:${port}\n  timeout client ${idleSeconds}s\n` +
    // A group without a healthy target is open: everyone is tried.
    `  use_backend ${healthy} if { nbsrv(${healthy}) gt 0 }\n  default_backend ${open}\n\n` +
    `backend ${healthy}\n  balance random(1)\n  timeout server ${idleSeconds}s\n` +
    `  timeout check ${timeoutSeconds}s\n${check}\n` +
    `backend ${open}\n  balance random(1)\n  timeout server ${idleSeconds}s\n`
  );
}

/** Commands for HAProxy that take a target in; it counts once it has passed its checks. */
export function registration(group: TargetGroup, { id, address, port }: Target): string[] {
  const { healthy, open } = backends(group);
  const { check, cutOnUnhealthy } = group;
  const checked = [
    `check port ${check.port} inter ${check.intervalSeconds}s rise ${check.rise} fall ${check.fall}`,
    ...(check.protocol === 'HTTPS' ? ['check-ssl verify none'] : []),
    ...(cutOnUnhealthy ? ['on-marked-down shutdown-sessions'] : []),
  ];
  return [
    `add server ${healthy}/${id} ${address}:${port} ${checked.join(' ')}`,
    `enable health ${healthy}/${id}`,
    // HAProxy takes a new server for healthy until a check has failed.
    `set server ${healthy}/${id} state ready; set server ${healthy}/${id} health down`,
    `add server ${open}/${id} ${address}:${port}`,
    `set server ${open}/${id} state ready`,
  ];
}

/** Takes a target out at once, with its connections. */
export function deregistration(group: TargetGroup, id: string): string[] {
  return Object.values(backends(group)).flatMap((backend) => [
    `set server ${backend}/${id} state maint`,
    `shutdown sessions server ${backend}/${id}`,
    `del server ${backend}/${id}`,
  ]);
}

export type TargetState = 'initial' | 'healthy' | 'unhealthy';

/** By `BACKEND/SERVER`, out of HAProxy's `show servers state`. */
export function statesIn(answer: string): Map<string, TargetState> {
  const [header = '', ...rows] = answer.split('\n').filter((line) => /^(#|\d+ )/.test(line));
  const columns = header.slice(2).split(' ');
  const column = (row: readonly string[], name: string): string => row[columns.indexOf(name)] ?? '';
  return new Map(
    rows.map((line) => {
      const row = line.split(' ');
      const key = `${column(row, 'be_name')}/${column(row, 'srv_name')}`;
      // 2 runs; of checks, 2 is "failed".
      if (column(row, 'srv_op_state') === '2') return [key, 'healthy'];
      return [key, column(row, 'srv_check_result') === '2' ? 'unhealthy' : 'initial'];
    }),
  );
}
