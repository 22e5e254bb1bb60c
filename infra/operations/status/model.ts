import type { ClusterStatus } from '../cluster/status.ts';

/** What an environment is right now, as its own hosts tell it. */
export interface EnvironmentStatus {
  readonly stack: string;
  readonly target: string;
  /** Null when no host could be asked and none is labelled. */
  readonly topology: string | null;
  readonly frontEnd: string | null;
  /** Of the first server, where clients may choose among several. */
  readonly endpoints: Endpoints;
  readonly servers: Servers;
  readonly hosts: readonly HostStatus[];
  /** Null when no balancer holds the address; a list when several claim it, which is a fault. */
  readonly vipHolder: string | null | readonly string[];
  readonly backends: readonly BackendStatus[];
  readonly brokers: readonly BrokerStatus[];
  /** Without TLS none. */
  readonly certificates: readonly CertificateStatus[];
  /** Whom hosts trust; each authority once. */
  readonly authorities: readonly AuthorityStatus[];
  /** Where a cluster manager says on which host the one broker runs. */
  readonly cluster?: ClusterStatus;
  readonly queues: {
    /** Leaders (of classic queues: the only copies) by broker. */
    readonly leaders: Readonly<Record<string, number>>;
    /** Classic queues with copies on other brokers; empty where the topology has none. */
    readonly mirrored: readonly MirroredQueue[];
  };
}

/** URLs without credentials; null while nothing forwards to the environment. */
export type Endpoints = Readonly<Record<'amqp' | 'management' | 'statistics', string | null>> & {
  /** Without TLS, where that is kept beside TLS. */
  readonly amqpPlain?: string | null;
  readonly managementPlain?: string | null;
  /** Prometheus, where there is monitoring. */
  readonly monitoring?: string | null;
};

/** Where clients may connect, by endpoint, in the order in which they should try. */
export type Servers = Readonly<
  Record<'amqp' | 'management' | 'statistics', readonly ServerStatus[]>
> & {
  /** Without TLS, where that is kept beside TLS. */
  readonly amqpPlain?: readonly ServerStatus[];
  readonly managementPlain?: readonly ServerStatus[];
  /** Prometheus, where there is monitoring. */
  readonly monitoring?: readonly ServerStatus[];
};

export interface ServerStatus {
  /** Null where the address is no single host's, e.g. a VIP. */
  readonly host: string | null;
  /** Without credentials. */
  readonly url: string;
}

export interface HostStatus {
  readonly name: string;
  /** Of a virtual machine of the rig: `machine (kvm)`, or `machine (tcg)` where it is emulated. */
  readonly kind?: string;
  readonly roles: readonly string[];
  readonly zone: string;
  readonly address: string;
  /** `unresponsive`: it has power, yet ran no command in time. */
  readonly state: 'running' | 'booting' | 'unresponsive' | 'stopped';
}

export interface BackendStatus {
  readonly balancer: string;
  /** The balanced service, e.g. `amqp`. */
  readonly backend: string;
  readonly server: string;
  /** As HAProxy says it: `UP`, `DOWN`, `MAINT`, `UP 1/2`, ...; of directors `UP` or `DOWN`. */
  readonly state: string;
}

export interface BrokerStatus {
  readonly name: string;
  /** Its management API answers, which RabbitMQ starts last and stops first. */
  readonly running: boolean;
  readonly version: string | null;
  /** Resources that hold publishers back, e.g. `memory`, `disk`. */
  readonly alarms: readonly string[];
  /** Running brokers of its cluster that it takes for lost. */
  readonly partitions: readonly string[];
}

export interface MirroredQueue {
  readonly vhost: string;
  readonly name: string;
  /** Broker that serves it. */
  readonly master: string;
  /** `down`: its master is gone and no mirror may take its place without losing messages. */
  readonly state: 'running' | 'down';
  readonly mirrors: readonly {
    readonly broker: string;
    /** It holds all that its master does. */
    readonly synchronised: boolean;
  }[];
}

/** A certificate as a host shows it to its clients. */
export interface CertificateStatus extends AuthorityStatus {
  readonly host: string;
  /** Who shows it: `amqps`, `management-tls`, `statistics`. */
  readonly listeners: readonly string[];
  readonly serial: string;
  readonly issuer: string;
}

export interface AuthorityStatus {
  /** Distinguished name, e.g. `CN=broker-1`. */
  readonly subject: string;
  /** ISO 8601. */
  readonly from: string;
  readonly expires: string;
}

/** Status, and what it could not find out. */
export interface StatusReport {
  readonly status: EnvironmentStatus;
  /** One clause each, e.g. `broker-1 did not say who leads its queues: ...`. */
  readonly warnings: readonly string[];
}
