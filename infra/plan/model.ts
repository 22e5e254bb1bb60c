/**
 * The environment plan: pure data between the config and the targets. Targets read hosts, networks,
 * flows, volumes and secrets from it and know nothing of RabbitMQ.
 */
import type { Items } from '../definitions/items.ts';
import type { AwsPlan } from './aws.ts';

/** What a host does; flows and address ranges are stated per role. */
export type Role = 'broker' | 'balancer' | 'monitor' | 'quorum';

/** Debian release that a host boots. */
export type Release = 'trixie' | 'bookworm';

/** Base image of a host: its release with the packages of brokers and balancers, or of a monitor. */
export type ImageName = Release | 'trixie-monitor' | 'trixie-replicated';

/** Everything about one environment, before anything is rendered. */
export interface EnvironmentPlan {
  /** Stack name; also the label that every rig resource carries. */
  readonly stack: string;
  readonly target: 'rig' | 'aws';
  readonly topology: string;
  /** Whether its brokers form one cluster, or each stands alone. */
  readonly clustered: boolean;
  /** Its hosts take turns at one broker; else each has its own. */
  readonly oneBroker: boolean;
  readonly frontEnd: string;
  /**
   * Settings that brokers keep for life, by config path: names and addresses that their data holds,
   * the store that it was made with. A live environment refuses to change them; `network` may gain zones
   * behind the present ones.
   */
  readonly settled: Readonly<Record<string, string>>;
  /** How clients reach brokers; a live environment keeps one of them over a change. */
  readonly transports: readonly ('plain' | 'tls')[];
  /** DNS domain of the hosts, e.g. `rig-quorum.internal`; Erlang long names live in it. */
  readonly domain: string;
  readonly networks: readonly NetworkPlan[];
  /** In the order of their names; brokers first. */
  readonly hosts: readonly HostPlan[];
  readonly flows: readonly Flow[];
  readonly secrets: readonly SecretPlan[];
  /** What the config wants brokers to hold. */
  readonly definitions: DefinitionsPlan;
  /** What clients and people connect to. */
  readonly endpoints: readonly EndpointPlan[];
  /** Virtual addresses that move between hosts; empty when the front end has none. */
  readonly virtualAddresses: readonly VirtualAddress[];
  /** Loopback ports of the rig that are not left to it, by access point. */
  readonly localPorts: Readonly<Record<string, number>>;
  /** How the rig makes hosts: as asked for, with processors of those that are virtual machines. */
  readonly rig: { readonly hostKind: 'auto' | 'container' | 'machine'; readonly cpus: number };
  /** What a balancer outside of the environment has to be told; undefined where none is expected. */
  readonly externalBalancer: ExternalBalancer | undefined;
  /** What only the target aws needs; undefined for other targets. */
  readonly aws: AwsPlan | undefined;
}

/** One subnet: a bridge on the rig, a VPC subnet on aws. */
export interface NetworkPlan {
  /** `zone-a`, `zone-b`, ... or `front`; on aws `public-a` and so on, too. */
  readonly name: string;
  /** Availability zone; undefined for a network that spans zones. */
  readonly zone: string | undefined;
  /** CIDR, e.g. `10.77.16.0/20`. */
  readonly cidr: string;
  /** Router's address in it, without prefix length. */
  readonly gateway: string;
}

export interface HostPlan {
  /** Short name, unique in the environment, e.g. `broker-1`. */
  readonly name: string;
  readonly fqdn: string;
  readonly roles: readonly Role[];
  readonly zone: string;
  /** Name of the network its interface is in. */
  readonly network: string;
  /** IPv4 address, without prefix length. */
  readonly address: string;
  readonly release: Release;
  readonly image: ImageName;
  /** Planned memory in MiB: what broker limits are computed from. */
  readonly memoryMiB: number;
  /** Planned size of the root disk in GiB. */
  readonly diskGiB: number;
  /** Debian packages that it needs; the rig's images hold them all. */
  readonly packages: readonly string[];
  /** systemd units that the boot script enables and starts, in this order. */
  readonly units: readonly string[];
  readonly volumes: readonly VolumePlan[];
  /** Kernel modules it cannot work without; decides container or machine on the rig. */
  readonly kernelModules: readonly string[];
  /** Names of the secrets it may read (see SecretPlan). */
  readonly secrets: readonly string[];
  /** Other hosts whose power it may take away. */
  readonly fences?: readonly string[];
  /** What a running host does when the value of one of its secrets has changed. */
  readonly onSecretsChange: Reaction;
  readonly files: readonly FilePlan[];
  /** Free labels, shown by status and carried as tags on aws. */
  readonly labels: Readonly<Record<string, string>>;
}

/** One file of a host, still unrendered. */
export interface FilePlan {
  /**
   * Path below `templates/`, e.g. `broker/etc/rabbitmq/rabbitmq.conf.hbs`. The first folder names
   * the role; the rest mirrors the host's file system; `.hbs` is rendered, all else is copied.
   */
  readonly template: string;
  /** Path on the host where it differs from the template's. */
  readonly path?: string;
  /** Typed context of that template; plain data. */
  readonly context: Readonly<Record<string, unknown>>;
  /** Octal mode; 0644 unless stated. */
  readonly mode?: string;
  /** `user:group`; root:root unless stated. */
  readonly owner?: string;
  /**
   * Its content depends on which hosts and networks the environment has. No target may make a host anew
   * for it: where user-data cannot change without that, it comes another way.
   */
  readonly followsHosts?: true;
  /**
   * Nothing on a host needs it before its secrets are there: where user-data has no room for all files it may
   * come beside them, as those do that follow the hosts.
   */
  readonly canWait?: true;
  readonly onChange: Reaction;
}

/**
 * What a running host does when the file's content changes: nothing (read at the next use), or run a
 * command (argv) after all changed files are in place.
 */
export type Reaction = 'none' | readonly string[];

/** A disk that outlives its host: kept when the host is replaced, gone with the environment. */
export interface VolumePlan {
  readonly name: string;
  readonly sizeGiB: number;
  /** Mount point on the host; undefined for a disk without a file system, which the host's own units use. */
  readonly mount: string | undefined;
  /** Unit that must not run without it. */
  readonly unit: string;
}

/** A secret by reference; its value never enters the plan. */
export type SecretPlan = {
  /** File name under the host's secret folder, e.g. `erlang-cookie`. */
  readonly name: string;
  readonly why: string;
  /** Key of the stack's config that holds it, as a secret; generated unless stated. */
  readonly given?: string;
} & (
  | {
      readonly kind: 'erlang-cookie' | 'password';
      /** Stays over rotations: hosts that differ in it for a moment would do harm. */
      readonly lasting?: true;
    }
  /** Hosts get the certificates that are to be trusted, never the key. */
  | { readonly kind: 'authority'; readonly commonName: string; readonly validDays: number }
  | CertificatePlan
);

/** Hosts get one PEM file: certificate, what else of the chain a peer may lack, key. */
export interface CertificatePlan {
  readonly kind: 'certificate';
  /** Name of the authority that signs. */
  readonly signer: string;
  readonly commonName: string;
  /** DNS names that it is valid for. */
  readonly names: readonly string[];
  readonly addresses: readonly string[];
  readonly validDays: number;
}

/** Definitions of the config; see definitions/items.ts. */
export interface DefinitionsPlan {
  readonly items: Items;
  /** Users among the items, with the name of the secret that is their password. */
  readonly logins: readonly { readonly user: string; readonly secret: string }[];
  /** Of queues and exchanges whose settings cannot change while they exist. */
  readonly replace: 'never' | 'when-empty';
}

/** Who may open a connection to whom. Replies are always allowed. */
export interface Flow {
  readonly from: FlowEnd;
  readonly to: FlowEnd;
  readonly protocol: 'tcp' | 'udp' | 'vrrp' | 'icmp' | 'ipip';
  /** Destination ports; empty for protocols without ports. */
  readonly ports: readonly number[];
  /** Of the users of a host that opens it only this one may. */
  readonly user?: 'root';
  /** One clause for rules, comments and the diagram, e.g. `AMQP from clients`. */
  readonly why: string;
}

/**
 * One end of a flow. A role stands for its address range in every network (`ranges`), so that hosts
 * may come and go without touching the rules of the others.
 */
export type FlowEnd =
  | { readonly kind: 'role'; readonly role: Role; readonly ranges: readonly string[] }
  | {
      readonly kind: 'outside';
      readonly name: Outside;
      readonly ranges: readonly string[];
      /** AWS lets it pass whatever security groups say, so that no rule is made for it. */
      readonly ungoverned?: true;
    };

/** Who is not of the environment; most are on aws only. */
export type Outside =
  | 'clients'
  /** Instance Connect Endpoint, by which people and the kit come to a shell. */
  | 'operators'
  /** Takes clients while no broker is fit; also on the rig. */
  | 'sorry-server'
  | 'aws-apis'
  | 'package-mirrors'
  /** Services of the network itself: metadata, names, time, addresses. */
  | 'vpc-services';

/** A service of the environment as seen by its users. */
export interface EndpointPlan {
  readonly name:
    'amqp' | 'management' | 'statistics' | 'amqpPlain' | 'managementPlain' | 'monitoring';
  readonly scheme: 'amqp' | 'amqps' | 'http' | 'https';
  /**
   * Where it answers, in the order in which a client should try: one address where something stands
   * in front of the brokers, else each broker. Never empty.
   */
  readonly servers: readonly [EndpointServer, ...EndpointServer[]];
  /** URL path, empty for AMQP. */
  readonly path: string;
  /** User that it is meant for, and the name of the secret that is its password; undefined without. */
  readonly login: { readonly user: string; readonly secret: string } | undefined;
}

export interface EndpointServer {
  /** Host that answers; undefined for an address that is no single host's, e.g. a VIP. */
  readonly host: string | undefined;
  /** Inside the environment. */
  readonly address: string;
  readonly port: number;
  /** `backup` is for clients only while no active one answers. */
  readonly role: 'active' | 'backup';
  /** Share of new connections among those of the same role; 0 for none. */
  readonly weight: number;
}

/** Settings of a balancer that is not the kit's: it leads to the servers of the endpoints. */
export interface ExternalBalancer {
  readonly healthCheck: {
    /** Endpoint of the same broker that is asked, without a login. */
    readonly endpoint: EndpointPlan['name'];
    readonly method: 'GET';
    readonly path: string;
    /** HTTP status of a broker that is fit. */
    readonly status: number;
    readonly intervalSeconds: number;
    readonly timeoutSeconds: number;
    /** Failed checks in a row that take a broker out. */
    readonly fall: number;
    /** Passed checks in a row that bring a broker back, by its host. */
    readonly rise: Readonly<Record<string, number>>;
  };
  /** Idle AMQP connections live by their heartbeats alone: a shorter limit would cut them. */
  readonly leastIdleTimeoutSeconds: number;
  /** A broker that is marked up ends the sessions on backups, so that all clients are on one side. */
  readonly cutBackupSessionsOnUp: boolean;
}

export interface VirtualAddress {
  /** What its holder carries; for an Elastic IP a sign on the loopback, as AWS chooses the address. */
  readonly address: string;
  /**
   * How neighbours and networks learn who holds it: told by the holder itself (`announced`), or moved
   * through the API of EC2.
   */
  readonly mechanism: 'announced' | 'secondary-ip' | 'overlay' | 'elastic-ip';
  /** Undefined where it belongs to no network of the environment. */
  readonly network: string | undefined;
  /** Hosts that may hold it. */
  readonly holders: readonly string[];
  /** Who says which of them does. */
  readonly movedBy: 'keepalived' | 'pacemaker';
}

/** Base images that the environment's hosts boot, each once. */
export const imagesOf = ({ hosts }: Pick<EnvironmentPlan, 'hosts'>): ImageName[] => [
  ...new Set(hosts.map(({ image }) => image)),
];
