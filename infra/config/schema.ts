import { z } from 'zod';
import { aws } from './aws.ts';
import { definitions } from './definitions/schema.ts';
import { drbdPacemaker } from './drbd-pacemaker.ts';
import { lvs } from './lvs.ts';
import { mirroredCluster } from './mirrored-cluster.ts';
import { monitoring } from './monitoring.ts';
import { frontEnds, hostKinds, maxClusterSize, profiles, targets, topologies } from './names.ts';
import { balancingProfiles, onProfile } from './profiles.ts';
import { tls } from './tls.ts';
import { cidr, clusterSize, duration, ipv4, size, text } from './units.ts';
import { vrrpFields } from './vrrp.ts';

/**
 * The config of one environment, strict: every key is known, every default is here or in a profile.
 * Sizes become MiB, durations milliseconds. What only one topology or front end needs sits in its
 * own section, which stays valid while another one is chosen: a swap is one line.
 */

const host = /^[a-z]([a-z0-9-]{0,30}[a-z0-9])?$/;
const domainName =
  /^(?=.{1,50}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/;
const userName = /^(?!guest$)[a-z][a-z0-9_.-]{0,62}$/;
const user = () => text(userName, 'lower-case letters, digits, _ . - and never guest');
const hostName = () => text(host, 'lower-case letters, digits and -, starting with a letter');
const count = (min: number, max: number) => z.int().min(min).max(max);
/** For files that say whole seconds only. */
const seconds = (min: string, max: string) => duration({ min, max, step: '1s' });
const port = () => count(1024, 65_535);

/** Plugins of the broker package that a user may add to those that a topology needs. */
export const optionalPlugins = [
  'rabbitmq_auth_backend_cache',
  'rabbitmq_auth_backend_ldap',
  'rabbitmq_consistent_hash_exchange',
  'rabbitmq_event_exchange',
  'rabbitmq_federation',
  'rabbitmq_federation_management',
  'rabbitmq_mqtt',
  'rabbitmq_peer_discovery_aws',
  'rabbitmq_prometheus',
  'rabbitmq_random_exchange',
  'rabbitmq_recent_history_exchange',
  'rabbitmq_sharding',
  'rabbitmq_shovel',
  'rabbitmq_shovel_management',
  'rabbitmq_stomp',
  'rabbitmq_stream',
  'rabbitmq_stream_management',
  'rabbitmq_top',
  'rabbitmq_tracing',
  'rabbitmq_web_mqtt',
  'rabbitmq_web_stomp',
] as const;

const metadataStore = () => z.enum(['khepri', 'mnesia']).default('khepri');

const network = z
  .strictObject({
    /** Divided into sixteen equal subnets: `front`, then one a zone. */
    cidr: cidr().prefault('10.77.0.0/16'),
    /** `flat`: brokers stand beside balancers in `front`, and zones are labels. */
    placement: z.enum(['zones', 'flat']).default('zones'),
    zones: z.array(hostName()).min(2).max(maxClusterSize).default(['a', 'b', 'c']),
    /** Subnets stated by hand, by `front` or zone, in place of the computed ones. */
    subnets: z.record(z.string(), cidr()).default({}),
    /** Networks outside whose clients may connect. */
    clients: z.array(cidr()).default([]),
  })
  .prefault({});

const brokers = z
  .strictObject({
    memory: size({ min: '512MiB', max: '1024GiB' }).prefault('1GiB'),
    /** Data volume. */
    disk: size({ min: '2GiB', max: '16384GiB' }).prefault('4GiB'),
    /** Publishers are held above this; 60 % of memory unless stated. */
    memoryWatermark: size({ min: '128MiB', max: '1024GiB' }).optional(),
    /** Publishers are held when less is free; as much as the memory unless stated. */
    diskFreeLimit: size({ min: '128MiB', max: '16384GiB' }).optional(),
  })
  .prefault({});

const quorumCluster = z
  .strictObject({
    brokers: clusterSize().prefault(3),
    metadataStore: metadataStore(),
    /** Silence after which a node counts as down; the same on every node. */
    netTicktime: seconds('5s', '120s').prefault('15s'),
    /** Only Mnesia knows it; pause_minority there unless stated. */
    partitionHandling: z.enum(['pause_minority', 'autoheal', 'ignore']).optional(),
    /** Share of new connections by broker name; 1 unless stated. */
    weights: z.record(z.string(), count(0, 256)).default({}),
  })
  .prefault({});

const warren = z
  .strictObject({
    metadataStore: metadataStore(),
    failBack: z
      .strictObject({
        /** The active broker must answer for this long before clients are sent back to it. */
        delay: duration({ min: '0s', max: '10m' }).prefault('2s'),
        /** How often the active broker looks for messages left in the standby. */
        drainInterval: seconds('1s', '10m').prefault('2s'),
        /** Drained only when no client was connected to the standby for this long. */
        drainQuiet: seconds('1s', '10m').prefault('3s'),
        prefetch: count(1, 10_000).default(500),
      })
      .prefault({}),
  })
  .prefault({});

const millisecondsToHours = { min: '10ms', max: '24h' };
const checkTime = { min: '50ms', max: '5m' };

const balancing = z.strictObject({
  profile: z.enum(profiles).default('fast'),
  balance: z.enum(['roundrobin', 'static-rr', 'leastconn', 'source']),
  healthCheck: z.strictObject({
    interval: duration(checkTime),
    /** While a server changes state; as the interval unless stated. */
    fastInterval: duration(checkTime).optional(),
    /** While a server is down; as the interval unless stated. */
    downInterval: duration(checkTime).optional(),
    rise: count(1, 100),
    fall: count(1, 100),
    /** A broker must answer, not only accept: the kernel of a frozen one still accepts. */
    answer: z.boolean(),
    /** Failed connections of clients mark a broker down, without waiting for a check. */
    observe: z.boolean(),
    /** How many in a row do; one alone may be a lost packet. */
    errorLimit: count(1, 1000),
    cutSessionsOnDown: z.boolean(),
  }),
  maxConnections: z.strictObject({
    process: count(10, 1_000_000),
    proxy: count(1, 1_000_000),
    /** 0 leaves it open. */
    server: count(0, 1_000_000),
  }),
  timeouts: z.strictObject({
    connect: duration(millisecondsToHours),
    client: duration(millisecondsToHours),
    server: duration(millisecondsToHours),
    /** Of one check, from connect to answer; as the interval unless stated. */
    check: duration(millisecondsToHours).optional(),
    /** Unacknowledged data ends a connection after this; 0s leaves it to the kernel. */
    tcpUser: duration({ min: '0s', max: '10m' }),
  }),
  retries: count(0, 100),
  redispatch: count(-1, 100),
  logging: z.strictObject({
    format: z.enum(['connections', 'events']),
    level: z.enum(['err', 'warning', 'notice', 'info', 'debug']),
    ignoreEmpty: z.boolean(),
  }),
  statistics: z.strictObject({
    user: user(),
    port: port(),
    path: text(/^\/[A-Za-z0-9/_-]{1,60}$/, 'a path that begins with /, e.g. /stats'),
    refresh: seconds('1s', '1h'),
  }),
  /** Computed unless stated: the tenth address of the front network. */
  virtualAddress: ipv4().optional(),
  vrrp: z.strictObject({
    ...vrrpFields(),
    check: z.strictObject({
      interval: duration({ min: '100ms', max: '5m' }),
      /** As the interval unless stated. */
      timeout: duration({ min: '100ms', max: '5m' }).optional(),
      rise: count(1, 100),
      fall: count(1, 100),
      weight: count(-253, 253),
      onFailure: z.enum(['fault', 'restart-then-stop']),
    }),
  }),
  balancers: z.strictObject({ memory: size({ min: '128MiB', max: '64GiB' }) }),
});

const haproxyKeepalived = z.preprocess(onProfile(balancingProfiles), balancing).prefault({});

/** What a balancer of the user's own is to be set to. */
const external = z
  .strictObject({
    healthCheck: z
      .strictObject({
        interval: duration({ min: '500ms', max: '5m' }).prefault('2s'),
        timeout: duration({ min: '100ms', max: '5m' }).prefault('1s'),
        rise: count(1, 100).default(2),
        fall: count(1, 100).default(2),
      })
      .prefault({}),
  })
  .prefault({});

/** Only the target `rig` looks at it. */
const rig = z
  .strictObject({
    /** Ports of this machine's loopback by access point; free ones are chosen unless stated. */
    ports: z.record(z.string(), port()).default({}),
    /** A host is a container where this machine's kernel can do what it needs, unless stated. */
    hostKind: z.enum(hostKinds).default('auto'),
    /** Processors of a host that is a virtual machine. */
    cpus: count(1, 64).default(1),
  })
  .prefault({});

const rabbitmq = z
  .strictObject({
    /** AMQP heartbeat that the broker offers. */
    heartbeat: seconds('5s', '600s').prefault('10s'),
    /** Names only; passwords are generated. */
    users: z
      .strictObject({
        administrator: user().prefault('administrator'),
        application: user().prefault('application'),
      })
      .prefault({}),
    backlog: count(128, 65_535).default(4096),
    fileHandles: count(50_000, 10_000_000).default(65_536),
    channelMax: count(1, 65_535).default(2047),
    plugins: z.array(z.enum(optionalPlugins)).default([]),
  })
  .prefault({});

export const environmentSchema = z.strictObject({
  target: z.enum(targets).default('rig'),
  topology: z.enum(topologies),
  frontEnd: z.enum(frontEnds).default('haproxy-keepalived'),
  domain: text(
    domainName,
    'a DNS name in lower case of at most 50 letters, e.g. rig-quorum.internal',
  ),
  network,
  brokers,
  quorumCluster,
  mirroredCluster,
  warren,
  drbdPacemaker,
  haproxyKeepalived,
  lvsKeepalived: lvs,
  external,
  rabbitmq,
  rig,
  aws,
  tls,
  definitions,
  monitoring,
});

/** One environment, complete: every default applied, sizes in MiB, durations in milliseconds. */
export type EnvironmentConfig = z.infer<typeof environmentSchema> & { readonly stack: string };
export type NetworkConfig = EnvironmentConfig['network'];
export type BalancingConfig = EnvironmentConfig['haproxyKeepalived'];
export type LvsConfig = EnvironmentConfig['lvsKeepalived'];
