/**
 * What each template is given. Numbers carry their unit in their name and are in the unit that the
 * file prints, so that a template only places them. Secrets are never here: templates name the file
 * under the secret folder.
 *
 * Type aliases, not interfaces: only aliases fit the plan's `Record<string, unknown>`.
 */
import type { Role } from './model.ts';

/** Context of everything under `templates/common/`, except the firewall. */
export type HostContext = {
  readonly stack: string;
  readonly topology: string;
  readonly frontEnd: string;
  readonly host: string;
  readonly fqdn: string;
  readonly domain: string;
  readonly roles: readonly Role[];
  readonly zone: string;
  readonly address: string;
  readonly packages: readonly string[];
  readonly units: readonly string[];
  /** Names of the secret files that must be there before any unit starts. */
  readonly secrets: readonly string[];
  /** Hosts that this one names, itself included, for /etc/hosts. */
  readonly hosts: readonly NamedHost[];
  /** `KEY=value` lines that a role adds to host.env, in this order; values need no quoting. */
  readonly environment: readonly { readonly key: string; readonly value: string }[];
};

export type NamedHost = {
  readonly name: string;
  readonly fqdn: string;
  readonly address: string;
};

/** Context of `common/etc/nftables.conf.hbs`: everything not listed is dropped and counted. */
export type FirewallContext = {
  readonly inbound: readonly FirewallRule[];
  readonly outbound: readonly FirewallRule[];
};

export type FirewallRule = {
  /** The far side's ranges: sources of inbound, destinations of outbound rules. */
  readonly ranges: readonly string[];
  readonly protocol: 'tcp' | 'udp' | 'vrrp' | 'icmp';
  /** Destination ports, `5672` or `6000-6499`; empty for vrrp and icmp. */
  readonly ports: readonly string[];
  readonly why: string;
};

/** Debian 12 has RabbitMQ 3.10 and systemd 252, Debian 13 has 4.0 and 257. */
export type RabbitmqSeries = '3.10' | '4.0';

/** Context of everything under `templates/broker/`, whatever the topology. */
export type BrokerContext = {
  readonly host: string;
  readonly address: string;
  readonly series: RabbitmqSeries;
  /** Erlang long name, e.g. `rabbit@broker-1.rig-quorum.internal`. */
  readonly nodeName: string;
  /** Shown in the management UI and in logs. */
  readonly clusterName: string;
  readonly memoryWatermarkBytes: number;
  readonly diskFreeLimitBytes: number;
  readonly heartbeatSeconds: number;
  /** Erlang's net_ticktime; also set where nothing is clustered, so that it is never left open. */
  readonly netTicktimeSeconds: number;
  /** Length of the queue of connections not yet accepted. */
  readonly backlog: number;
  /** Limit of open files (systemd LimitNOFILE). */
  readonly fileHandles: number;
  readonly channelMax: number;
  readonly queueLeaderLocator: 'balanced';
  readonly plugins: readonly string[];
  readonly users: { readonly administrator: string; readonly application: string };
  readonly ports: BrokerPorts;
  readonly tls: TlsContext;
  /** The host's certificate with its key, under the secret folder; empty without TLS. */
  readonly certificate: string;
  /** What the tools on a broker use: with TLS where there is TLS. */
  readonly management: { readonly scheme: 'http' | 'https'; readonly port: number };
  readonly amqp: { readonly scheme: 'amqp' | 'amqps'; readonly port: number };
  /** Range that rabbitmqctl takes its listening port from. */
  readonly commandPorts: { readonly first: number; readonly last: number };
  readonly data: string;
  readonly restart: {
    /** Health checks of the management API that must pass before a broker is stopped. */
    readonly checks: readonly string[];
    /** Type of the queue by which brokers take turns. */
    readonly queueType: 'quorum' | 'classic';
  };
};

export type TlsContext = {
  readonly enabled: boolean;
  /** Erlang distribution as well. */
  readonly betweenNodes: boolean;
  /** That are spoken, the newest first, e.g. `1.3`. */
  readonly versions: readonly string[];
  readonly oldest: string;
};

/** 0 for a port that is not listened on. */
export type BrokerPorts = {
  readonly amqp: number;
  readonly management: number;
  readonly amqps: number;
  readonly managementTls: number;
  readonly epmd: number;
  readonly distribution: number;
};

/** Context of everything under `templates/quorum-cluster/`. */
export type QuorumClusterContext = BrokerContext & {
  readonly metadataStore: 'khepri' | 'mnesia';
  /** Only Mnesia listens to it; undefined with Khepri, so that the file does not claim it. */
  readonly partitionHandling: 'pause_minority' | 'autoheal' | 'ignore' | undefined;
  /** Nodes to form the cluster with, this one included; the first is the seed. */
  readonly clusterNodes: readonly string[];
  readonly clusterSize: number;
  readonly streamPorts: { readonly first: number; readonly last: number };
};

/** Context of the settings that do not depend on the cluster's present size. */
export interface ClusterLimits extends Record<string, unknown> {
  /** Brokers of the largest cluster that a config can ask for. */
  readonly largestCluster: number;
}

/** Context of everything under `templates/mirrored-cluster/`. */
export type MirroredClusterContext = BrokerContext & {
  /** A RAM node keeps what is defined in memory only; read at the node's first start. */
  readonly nodeType: 'disc' | 'ram';
  /** Nodes to form the cluster with, this one included. */
  readonly clusterNodes: readonly string[];
  readonly clusterSize: number;
  /** The one node that may begin alone, as the cluster's first. */
  readonly founder: boolean;
  /** Full names of the hosts that it may join; empty for the founder. */
  readonly peers: readonly string[];
  readonly partitionHandling: 'pause_minority' | 'autoheal' | 'ignore';
  readonly masterLocator: 'min-masters' | 'client-local' | 'random';
  /** How often quorum queues look for silent nodes. */
  readonly atenPollMs: number;
  /** The mirroring policy as the management API takes it. */
  readonly policy: MirroringPolicy;
};

/** Body of `PUT /api/policies/VHOST/NAME`. */
export type MirroringPolicy = {
  readonly pattern: string;
  readonly 'apply-to': 'queues' | 'all';
  readonly priority: number;
  readonly definition: MirroringDefinition;
};

export type MirroringDefinition = {
  readonly 'ha-mode': 'all' | 'exactly' | 'nodes';
  /** Copies for `exactly`, node names for `nodes`. */
  readonly 'ha-params'?: number | readonly string[];
  readonly 'ha-sync-mode': 'automatic' | 'manual';
  readonly 'ha-sync-batch-size': number;
  readonly 'ha-promote-on-failure': 'when-synced' | 'always';
  readonly 'ha-promote-on-shutdown': 'when-synced' | 'always';
};

/** Context of everything under `templates/warren/`. */
export type WarrenContext = BrokerContext & {
  readonly metadataStore: 'khepri' | 'mnesia';
  readonly side: 'active' | 'standby';
  readonly peer: {
    readonly host: string;
    readonly address: string;
    readonly nodeName: string;
    readonly side: 'active' | 'standby';
  };
  /** How messages left in the standby return; acted on by the active side only. */
  readonly drain: {
    /** How often the active side looks at the standby's queues. */
    readonly intervalSeconds: number;
    /** The standby must have had no client connection for this long before it is drained. */
    readonly quietSeconds: number;
    /** Unacknowledged messages in flight per queue. */
    readonly prefetch: number;
  };
};

/** Context of everything under `templates/balancer/`. */
export type BalancerContext = {
  readonly host: string;
  readonly address: string;
  readonly maxConnections: {
    readonly process: number;
    readonly proxy: number;
    /** Per server; 0 leaves it open. */
    readonly server: number;
  };
  readonly timeoutsMs: {
    readonly connect: number;
    readonly client: number;
    readonly server: number;
    readonly check: number;
    /** Unacknowledged data on a connection for this long ends it (tcp-ut); 0 leaves it to the kernel. */
    readonly tcpUser: number;
  };
  readonly retries: number;
  /** `option redispatch N`; every Nth retry goes to another server. */
  readonly redispatch: number;
  readonly healthCheck: HealthCheckContext;
  readonly tls: TlsContext;
  readonly services: readonly BalancedService[];
  readonly statistics: {
    readonly user: string;
    readonly port: number;
    readonly path: string;
    readonly refreshSeconds: number;
  };
  /** Where HAProxy serves its metrics, at the host's own address; 0 for nowhere. */
  readonly metricsPort: number;
  readonly logging: {
    /** `tcplog`-like line for each connection, or only HAProxy's own events. */
    readonly format: 'connections' | 'events';
    readonly level: 'err' | 'warning' | 'notice' | 'info' | 'debug';
    /** Connections that carried no data are not logged (health checks of others). */
    readonly ignoreEmpty: boolean;
  };
  readonly vrrp: VrrpContext;
};

export type HealthCheckContext = {
  readonly intervalMs: number;
  /** The same, for what looks after former workers. */
  readonly intervalSeconds: number;
  /** While a server changes state. */
  readonly fastIntervalMs: number;
  /** While a server is down. */
  readonly downIntervalMs: number;
  readonly rise: number;
  readonly fall: number;
  /** `errorLimit` failed connections of clients in a row mark a server down at once. */
  readonly observe: boolean;
  readonly errorLimit: number;
  /** Sessions on a server that was marked down are cut, so that clients reconnect. */
  readonly cutSessionsOnDown: boolean;
};

/** One balanced port. */
export type BalancedService = {
  /** Of the listener, e.g. `amqps`. */
  readonly name: string;
  readonly port: number;
  /** Brokers end TLS; balancers pass it on unread. */
  readonly tls: boolean;
  /** Another service whose servers are checked for this one too; empty for a check of its own. */
  readonly follows: string;
  /**
   * Port that must answer `HEAD /favicon.ico` besides the balanced one accepting, so that a hung
   * broker is seen: the management port, over TLS where this service has TLS. 0: an accepted
   * connection is enough (profile `seed`).
   */
  readonly answerPort: number;
  readonly balance: 'roundrobin' | 'static-rr' | 'leastconn' | 'source';
  readonly servers: readonly BalancedServer[];
};

export type BalancedServer = {
  readonly name: string;
  /** Full name, which its certificate must hold. */
  readonly host: string;
  readonly address: string;
  readonly port: number;
  readonly weight: number;
  /** `backup` serves only while every active server is down. */
  readonly role: 'active' | 'backup';
  /** Checks in a row before it counts as up again; overrides the health check's. */
  readonly rise: number;
  /** Sessions on backup servers are cut when this one comes up. */
  readonly cutBackupSessionsOnUp: boolean;
};

export type VrrpContext = {
  readonly version: 2 | 3;
  readonly interface: string;
  readonly routerId: number;
  readonly initialState: 'MASTER' | 'BACKUP';
  readonly priority: number;
  /** Takes the address back from a lower priority; needs `nopreempt` when false. */
  readonly preempt: boolean;
  readonly advertSeconds: number;
  readonly peers: readonly string[];
  readonly virtualAddress: string;
  readonly prefixLength: number;
  /** Version 2 only; the password is the secret `vrrp-password`. */
  readonly passwordAuthentication: boolean;
  readonly check: {
    readonly intervalSeconds: number;
    readonly timeoutSeconds: number;
    readonly rise: number;
    readonly fall: number;
    /** 0: a failure gives the address up at once. */
    readonly weight: number;
    /**
     * `fault`: the instance leaves the address while the check fails. `restart-then-stop`: the
     * script starts HAProxy once, and stops Keepalived when that did not help.
     */
    readonly onFailure: 'fault' | 'restart-then-stop';
  };
};
