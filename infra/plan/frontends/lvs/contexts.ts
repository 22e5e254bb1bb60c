/** Context of everything under `templates/director/`. */
export type DirectorContext = {
  readonly host: string;
  readonly mode: 'nat' | 'tun' | 'dr';
  /** In Keepalived's words. */
  readonly method: 'NAT' | 'TUN' | 'DR';
  /** What its holder carries. */
  readonly virtualAddress: string;
  /** Where connections of clients arrive; another one where AWS translates the virtual address. */
  readonly served: string;
  readonly sourceNat: boolean;
  /** Answers of brokers pass this host. */
  readonly forwards: boolean;
  readonly scheduler: 'rr' | 'wrr' | 'lc' | 'wlc' | 'sh';
  /** 0 for none. */
  readonly persistenceSeconds: number;
  readonly check: DirectorCheck;
  /** `host=address` of every broker. */
  readonly servers: readonly string[];
  /** `service=port` of every balanced port. */
  readonly ports: readonly string[];
  readonly services: readonly VirtualServer[];
  /** Empty for none. */
  readonly sorryServer: string;
  readonly kernelModules: readonly string[];
  readonly synchronised: boolean;
  /** Checks go by certificates of the environment. */
  readonly checksVerify: boolean;
  readonly passwordAuthentication: boolean;
};

export type DirectorCheck = {
  readonly kind: 'http' | 'tcp' | 'script' | 'ping';
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  readonly programSeconds: number;
  readonly retries: number;
  readonly retryDelaySeconds: number;
  /** Within which the first check comes, at random; Keepalived's own is a whole interval. */
  readonly warmupSeconds: number;
};

/** One balanced port. */
export type VirtualServer = {
  readonly name: string;
  readonly port: number;
  /** Brokers end TLS; directors see packets only. */
  readonly tls: boolean;
  /** Port that tells by an answer whether a broker works: the management port beside this one. */
  readonly answerPort: number;
  readonly realServers: readonly {
    readonly host: string;
    readonly address: string;
    readonly weight: number;
  }[];
};

/** Context of everything under `templates/real-server/`. */
export type RealServerContext = {
  readonly mode: 'tun' | 'dr' | 'gateway';
  readonly virtualAddress: string;
  /** Where answers to clients go in mode `gateway`. */
  readonly gatewayAddress: string;
  /** Balanced ports, from which those answers come. */
  readonly ports: readonly number[];
  /** Ranges that are answered directly all the same: checks, and brokers of the cluster. */
  readonly neighbours: readonly string[];
};
