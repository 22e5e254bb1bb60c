/** Context of everything under `templates/keepalived/`, whatever Keepalived looks after. */
export type KeepalivedContext = {
  readonly host: string;
  readonly address: string;
  /** User and group of checks. */
  readonly scriptUser: 'haproxy haproxy' | 'root root' | 'nobody nogroup';
  /** It lives as long as HAProxy, and no longer. */
  readonly boundToHaproxy: boolean;
  /** systemd starts it again when it dies. */
  readonly restarts: boolean;
  readonly vrrp: VrrpContext;
  /** Undefined where it directs no connections itself. */
  readonly lvs: DirectorGlobals | undefined;
};

export type DirectorGlobals = {
  /** A connection without a packet is forgotten after this. */
  readonly idleTimeoutSeconds: number;
  /** Connections are told to the other director. */
  readonly synchronised: boolean;
  readonly syncPort: number;
};

export type VrrpContext = {
  readonly version: 2 | 3;
  /** Undefined where its name is the image's choice: unicast needs none. */
  readonly interface: string | undefined;
  /** That carries the virtual address, where it is another one. */
  readonly carrier: string | undefined;
  /** The address moves through an API, by a program that is told of a new master. */
  readonly moved: boolean;
  readonly initialState: 'MASTER' | 'BACKUP';
  readonly priority: number;
  /** Takes the address back from a lower priority; needs `nopreempt` when false. */
  readonly preempt: boolean;
  readonly advertSeconds: number;
  readonly peers: readonly string[];
  readonly prefixLength: number;
  /** Version 2 only; the password is the secret `vrrp-password`. */
  readonly passwordAuthentication: boolean;
  /** Of the first instance. */
  readonly routerId: number;
  /** One an address; the first carries the virtual address. */
  readonly instances: readonly VrrpInstance[];
  /** All instances change hands at once. */
  readonly together: boolean;
  /** Undefined where nothing but Keepalived has to work. */
  readonly check: VrrpCheck | undefined;
};

export type VrrpInstance = {
  readonly name: 'front' | 'gateway';
  readonly routerId: number;
  readonly address: string;
};

export type VrrpCheck = {
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
