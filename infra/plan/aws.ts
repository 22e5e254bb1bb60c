/**
 * What the target aws is told beside the plan that every target gets: pure data that names resources
 * of EC2 and nothing of RabbitMQ. Ids that exist only after creation are not here; hosts read them
 * from the tags of their instance (see aws/tags.ts).
 */
export interface AwsPlan {
  /** E.g. `eu-central-1`. */
  readonly region: string;
  readonly vpc: VpcPlan;
  /** By the name of a network of the plan: what of AWS it is. */
  readonly subnets: Readonly<Record<string, SubnetPlan>>;
  /** By host name. */
  readonly hosts: Readonly<Record<string, InstancePlan>>;
  /** Way out of private subnets; undefined in a VPC of the user's own, which has its own or none. */
  readonly nat: 'none' | 'one' | 'per-zone' | undefined;
  /** By secret name: where hosts fetch it. */
  readonly parameters: Readonly<Record<string, ParameterPlan>>;
  readonly access: AccessPlan;
  /** Addresses that move between hosts, that of the front end first. */
  readonly virtualAddresses: readonly AwsVirtualAddress[];
  readonly loadBalancers: readonly LoadBalancerPlan[];
  /** Records of the private zone, which is named like the domain of the plan. */
  readonly names: readonly NameRecord[];
  /** `destroy` takes volumes and keys too; of any other stack it stops at them. */
  readonly testRig: boolean;
  /** Of the account: what an environment must not exceed. */
  readonly quotas: { readonly rulesPerGroup: number };
  /** On everything that can carry tags, beside the kit's own. */
  readonly tags: Readonly<Record<string, string>>;
}

export interface VpcPlan {
  readonly cidr: string;
  /** A user's own VPC; undefined when it is the kit's to make. */
  readonly own: OwnVpc | undefined;
  /**
   * Services (`ec2`, `ssm`, ...) whose interface endpoints are made, one network interface in each zone,
   * with private DNS. Empty where the VPC has its own way to the API.
   */
  readonly endpoints: readonly string[];
}

export interface OwnVpc {
  readonly id: string;
  /** Those of all subnets whose hosts are to reach an overlay address. */
  readonly routeTables: readonly string[];
}

export interface SubnetPlan {
  /** E.g. `eu-central-1a`. */
  readonly availabilityZone: string;
  /** `public`: its default route is the internet gateway, and NAT gateways stand in it. */
  readonly reach: 'private' | 'public';
  /** Of a user's own VPC; undefined when it is the kit's to make. */
  readonly id: string | undefined;
}

export interface InstancePlan {
  /** E.g. `m7g.large`. */
  readonly type: string;
  readonly architecture: 'arm64' | 'x86_64';
  /** AMI id; undefined while none is pinned for its release (see images.ts): then nothing can be made. */
  readonly image: string | undefined;
  /** Root volume; gp3, encrypted. */
  readonly rootGiB: number;
  /** False where a host answers for an address that is not its interface's. */
  readonly sourceDestCheck: boolean;
  /** Group of hosts that are kept on different hardware. */
  readonly spreadGroup: string;
  /** Secrets that it may read besides those that it fetches at boot: it is asked for what it makes of them. */
  readonly answersFor: readonly string[];
  /** Hosts whose instances it may stop. */
  readonly fences: readonly string[];
  /** Parameter that holds its files that follow the hosts of the environment; begins with `/`. */
  readonly lateFiles: string;
  /** Parameter that holds what else user-data has no room for; undefined where it has. */
  readonly latePrograms: string | undefined;
}

/** An SSM SecureString under the environment's key, or one that the user brings. */
export interface ParameterPlan {
  /** Begins with `/`. */
  readonly name: string;
  /** The user made it: it is only read, and its value is in no state. */
  readonly brought: boolean;
}

export interface AccessPlan {
  readonly method: 'session-manager' | 'instance-connect' | 'none';
  /** Profile of the AWS CLI by which people and the kit come; undefined: whatever the CLI finds. */
  readonly profile: string | undefined;
  /** OpenSSH form; undefined: the kit makes a pair whose private half is a secret of the stack. */
  readonly publicKey: string | undefined;
  /** Network in which an Instance Connect Endpoint is made; undefined where none is. */
  readonly network: string | undefined;
}

export interface AwsVirtualAddress {
  /** Part of the names of its resources. */
  readonly name: 'vip' | 'broker-vip';
  readonly mechanism: 'secondary-ip' | 'overlay' | 'elastic-ip';
  readonly movedBy: 'keepalived' | 'pacemaker';
  /** Undefined for `elastic-ip`: AWS chooses it. */
  readonly address: string | undefined;
  /** Hosts that may hold it; the first gets it at creation. */
  readonly holders: readonly string[];
}

/** A Network Load Balancer, internal, one fixed address in each of its networks. */
export interface LoadBalancerPlan {
  readonly name: string;
  /** Role whose flows its security group is made of. */
  readonly role: 'balancer';
  readonly places: readonly { readonly network: string; readonly address: string }[];
  readonly listeners: readonly LoadBalancerListener[];
}

export interface LoadBalancerListener {
  /** E.g. `amqp`. */
  readonly name: string;
  readonly port: number;
  /** Targets, by instance; addresses of clients are not kept, as behind every balancer of the kit. */
  readonly targets: readonly { readonly host: string; readonly port: number }[];
  readonly healthCheck: {
    /** `tcp` where only the accepting of a connection can be checked. */
    readonly protocol: 'http' | 'https' | 'tcp';
    readonly port: number;
    /** URL path; undefined for `tcp`. */
    readonly path: string | undefined;
    readonly intervalSeconds: number;
    readonly timeoutSeconds: number;
    /** Passed checks in a row. */
    readonly rise: number;
    /** Failed checks in a row. */
    readonly fall: number;
  };
  /** Connections to a target that became unhealthy are cut. */
  readonly cutOnUnhealthy: boolean;
  /** Idle connections are forgotten after this. */
  readonly idleTimeoutSeconds: number;
}

export interface NameRecord {
  /** Full name in the private zone. */
  readonly name: string;
  readonly to:
    | { readonly kind: 'address'; readonly address: string }
    | { readonly kind: 'load-balancer'; readonly name: string }
    /** The virtual address, where AWS chooses it. */
    | { readonly kind: 'elastic-address' };
}
