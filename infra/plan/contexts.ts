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
  /** What passes through a host that directs connections; undefined where nothing does. */
  readonly directed: DirectedContext | undefined;
  /**
   * Routers tell this host of packets that were too large for the way to a client, and it hands that on:
   * connection tracking knows nothing of those connections.
   */
  readonly passesErrorsOn: boolean;
};

/** Answers of servers on their way to clients, by way of the director. */
export type DirectedContext = {
  readonly servers: readonly string[];
  readonly ports: readonly string[];
  /** Servers see the director as the client. */
  readonly sourceNat: boolean;
};

export type FirewallRule = {
  /** The far side's ranges: sources of inbound, destinations of outbound rules. */
  readonly ranges: readonly string[];
  readonly protocol: 'tcp' | 'udp' | 'vrrp' | 'icmp' | 'ipip';
  /** Destination ports, `5672` or `6000-6499`; empty for protocols without ports. */
  readonly ports: readonly string[];
  /** Of outbound rules: the one user who may; empty for all. */
  readonly user: string;
  readonly why: string;
};

/** Debian 12 has RabbitMQ 3.10 and systemd 252, Debian 13 has 4.0 and 257. */
export type RabbitmqSeries = '3.10' | '4.0';

/** Context of everything under `templates/broker/`, whatever the topology. */
export type BrokerContext = {
  readonly host: string;
  readonly address: string;
  /** Where clients are served: every address of the host, or the one that the broker takes along. */
  readonly listen: string;
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
  /** Address that a broker takes along from host to host. */
  readonly takenAlong: string | undefined;
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

/** Context of the socket under `templates/clustered/`, the same while a cluster grows. */
export type MembershipSocketContext = {
  readonly data: string;
  readonly membershipPort: number;
};

/** Context of `cluster.env` under `templates/clustered/`: what a broker may do without data. */
export type ClusterMemberContext = {
  readonly nodeName: string;
  /** It may begin alone, as the cluster's first. */
  readonly founder: boolean;
  /** Full names of the hosts that it may join. */
  readonly peers: readonly string[];
  readonly membershipPort: number;
};

/** Context of everything under `templates/mirrored-cluster/`. */
export type MirroredClusterContext = BrokerContext & {
  /** A RAM node keeps what is defined in memory only; read at the node's first start. */
  readonly nodeType: 'disc' | 'ram';
  /** Nodes to form the cluster with, this one included. */
  readonly clusterNodes: readonly string[];
  readonly clusterSize: number;
  /** The one node that may begin alone, as the cluster's first. */
  readonly founder: boolean;
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
