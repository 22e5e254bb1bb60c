import type { TlsContext } from '../contexts.ts';
import type { VrrpCheck } from './keepalived/contexts.ts';

/** Context of everything under `templates/balancer/`. */
export type BalancerContext = {
  readonly host: string;
  readonly address: string;
  /** Where HAProxy serves clients, whether or not this host holds the virtual address. */
  readonly served: string;
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
  /** What its holder carries. */
  readonly virtualAddress: string;
  /** Of VRRP, by the secret `vrrp-password`. */
  readonly passwordAuthentication: boolean;
  readonly vrrp: { readonly check: VrrpCheck };
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
