import { container } from './containers/container.ts';
import type { HostRoot } from './containers/root.ts';
import type { HostRecord } from './host-record.ts';
import { machine } from './machines/machine.ts';
import type { ExecOptions, ExecResult } from './exec.ts';

export type HostState = 'running' | 'stopped';

export interface HostEntry {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Contents by path on the host, without the leading slash. */
export type DiskFiles = Readonly<Record<string, string>>;

/** One way to run a host on this machine; chosen by the host's `kind`. */
export interface HostRuntime {
  /** Makes the host's own empty disk over its image; the seed for cloud-init is there already. */
  prepare(host: HostRecord, files: DiskFiles): Promise<void>;
  /** Starts the host on its existing disks; returns once its systemd runs, not when it has booted. */
  start(host: HostRecord, secrets: Readonly<Record<string, string>>): Promise<void>;
  /** Takes the host's power away and waits until nothing of it runs; idempotent. */
  stop(host: Pick<HostRecord, 'stack' | 'name'>): Promise<void>;
  /**
   * Lets the host's services end by themselves, at most for `deadlineMs`; a host that takes longer
   * is left as it is.
   */
  powerOff(host: Pick<HostRecord, 'stack' | 'name'>, deadlineMs: number): Promise<void>;
  state(host: Pick<HostRecord, 'stack' | 'name'>): HostState;
  /**
   * Runs argv as root inside the running host, with a clean environment.
   * @throws when the host is not running or the deadline passes; a non-zero exit is a result.
   */
  exec(
    host: Pick<HostRecord, 'stack' | 'name'>,
    argv: readonly string[],
    options?: Omit<ExecOptions, 'env'>,
  ): Promise<ExecResult>;
  /**
   * The command of this machine that does the same, for callers that connect its streams themselves:
   * a terminal, a log that is followed.
   * @throws when the host is not running
   */
  entry(host: Pick<HostRecord, 'stack' | 'name'>, argv: readonly string[]): HostEntry;
  /**
   * The running host's files as they can be read from outside, where that is possible.
   * @throws when the host is not running
   */
  root?(host: Pick<HostRecord, 'stack' | 'name'>): HostRoot;
  /** Makes the running host's secrets exactly these. */
  replaceSecrets(host: HostRecord, secrets: Readonly<Record<string, string>>): Promise<void>;
  /**
   * Puts the host's memory limit in force. `raise` leaves a lower one for later: what runs may need
   * more until it has taken up its new settings.
   */
  limitMemory(host: HostRecord, how: 'raise' | 'exact'): void;
  /** How many times as long as a container this host may take for anything before it counts as late. */
  patience(host: Pick<HostRecord, 'stack' | 'name'>): number;
  /** What it is, for people, e.g. `container` or `machine (kvm)`. */
  describe(host: Pick<HostRecord, 'stack' | 'name'>): string;
}

const runtimes: Readonly<Record<HostRecord['kind'], HostRuntime>> = { container, machine };

export const runtimeOf = (kind: HostRecord['kind']): HostRuntime => runtimes[kind];
