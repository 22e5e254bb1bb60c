/**
 * What hosts answer. Versions, alarms, queues and the view of a whole cluster were taken from three
 * brokers with RabbitMQ 4.0.5; host.env and the failed connection from hosts of the rig. The view of
 * a broken cluster and the balancer's JSON are made to the shapes of the management API and of
 * `balancer-status` (docs/host.md).
 */
const fqdn = (name: string): string => `${name}.rig-quorum.internal`;
export const node = (name: string): string => `rabbit@${fqdn(name)}`;

export const hostEnv = (name: string, role: string, zone: string): string =>
  `# What this host is; read by the boot steps and by the tools on it. No secrets.
STACK='rig-quorum'
TOPOLOGY='quorum-cluster'
FRONT_END='haproxy-keepalived'
HOST='${name}'
FQDN='${fqdn(name)}'
ROLES='${role}'
ZONE='${zone}'
PACKAGES='cloud-init nftables'
UNITS='nftables.service'
${role === 'balancer' ? "STATISTICS_PATH='/stats'" : "SIDE='active'"}
`;

export const version = '"4.0.5"';
export const noAlarms = '{"status":"ok"}';
/** Comes with status 503, so `mq-api` exits 22. */
export const memoryAlarm = `{"reason":"There are alarms in effect on the node","status":"failed","alarms":[{"node":"${node('broker-2')}","resource":"memory"}]}`;

export const nodes = (lost: readonly string[] = []): string =>
  JSON.stringify(
    ['broker-1', 'broker-2', 'broker-3'].map((name) =>
      // A node that is not running has no more than this.
      lost.includes(name)
        ? { name: node(name), running: false }
        : { partitions: [], name: node(name), running: true },
    ),
  );

export const queues = `[{"name":"classic-1","node":"${node('broker-2')}","type":"classic","vhost":"/"},{"leader":"${node('broker-1')}","name":"q-a","node":"${node('broker-1')}","type":"quorum","vhost":"/"},{"leader":"${node('broker-1')}","name":"q-b","node":"${node('broker-1')}","type":"quorum","vhost":"/"},{"leader":"${node('broker-3')}","name":"stream-1","node":"${node('broker-3')}","type":"stream","vhost":"/"}]`;

/** Of a broker that is dead, standard error of `mq-api`. */
export const refused =
  'curl: (7) Failed to connect to 127.0.0.1 port 15672 after 0 ms: Could not connect to server';

export const balancer = (
  vip: boolean,
  down: readonly string[] = [],
  keepalived = 'active',
): string =>
  JSON.stringify({
    vip,
    keepalived,
    servers: ['amqp', 'management'].flatMap((backend) =>
      ['broker-1', 'broker-2', 'broker-3'].map((server) => ({
        backend,
        server,
        state: down.includes(server) ? 'DOWN' : 'UP',
        sessions: 0,
      })),
    ),
  });
