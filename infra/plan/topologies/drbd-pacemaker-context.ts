import type { BrokerContext } from '../contexts.ts';

/** Context of everything under `templates/drbd-pacemaker/`. */
export type DrbdPacemakerContext = BrokerContext & {
  readonly stack: string;
  readonly metadataStore: 'khepri' | 'mnesia';
  /** What DRBD makes of the two disks. */
  readonly device: string;
  /** The host's own disk below it. */
  readonly blockDevice: string;
  readonly drbdPort: number;
  /** Both hosts, in the same order on both. */
  readonly members: readonly {
    readonly id: number;
    readonly name: string;
    readonly address: string;
  }[];
  /** Name of the other host. */
  readonly peer: string;
  /** It makes what the cluster begins with. */
  readonly founder: boolean;
  readonly virtualAddress: string;
  /** Ports that clients use. */
  readonly listeners: readonly number[];
  /** Name of the host with a vote; undefined where the two are alone. */
  readonly quorumDevice: string | undefined;
  readonly fencing: boolean;
  readonly power: {
    /** Fence agent of the target. */
    readonly agent: 'fence_rig' | 'fence_aws_host';
    /** In which a host is dead for sure, or its fencing has failed. */
    readonly offSeconds: number;
    readonly monitorSeconds: number;
  };
  /** How the broker's address moves with it: all false where its holder announces it. */
  readonly moving: {
    /** Empty on the rig. */
    readonly region: string;
    readonly overlay: boolean;
    readonly secondary: boolean;
    /** Interface that carries an address which is no overlay. */
    readonly carrier: 'eth0' | 'lo';
  };
  readonly tokenMs: number;
  readonly recheckSeconds: number;
  readonly startSeconds: number;
  /** For the cluster manager, which waits a little longer than systemd. */
  readonly startLimitSeconds: number;
};
