/**
 * How the kit runs a command on a host of a live environment: the one seam between operations
 * (readiness, status, drain, swap) and a target. The rig enters the container; on aws it is ssh.
 */
export interface Channel {
  /** Hosts of the environment as they are now, running or not. */
  hosts(): Promise<readonly LiveHost[]>;
  /**
   * Runs argv as root on the host. Never put a secret into argv: use `input`.
   * @throws when the host is not running or the deadline passes; a non-zero exit is a result.
   */
  run(host: string, argv: readonly string[], options?: RunOptions): Promise<RunResult>;
  /**
   * How a load balancer that is no host finds the members of a group of targets, by host name: its
   * own word for it, `healthy` where it leads connections there. Absent where no target has such.
   */
  targetStates?(group: string): Promise<ReadonlyMap<string, string>>;
  /** How many times as long as usual its hosts may take before they count as late; once unless stated. */
  patience?(): number;
}

export interface RunOptions {
  /** Written to the command's standard input. */
  readonly input?: string;
  /** Milliseconds; 30,000 unless stated. */
  readonly timeoutMs?: number;
  /** The deadline holds as it is; else a slow kind of host has more time. */
  readonly exactly?: boolean;
}

export interface RunResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface LiveHost {
  readonly name: string;
  readonly state: 'running' | 'stopped';
  readonly zone: string;
  readonly address: string;
  readonly labels: Readonly<Record<string, string>>;
  /** `machine (kvm)` or `machine (tcg)`, for a virtual machine of the rig. */
  readonly kind?: string;
  /** What the host was made of (image, type, root disk, user-data, key), where its target makes another when that changes. */
  readonly madeOf?: Readonly<Record<string, string>>;
}
