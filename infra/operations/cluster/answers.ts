import { z } from 'zod';

/** What `cluster-status` prints on a host of `drbd-pacemaker`; one of before 0.2 leaves some out. */
export const clusterAnswer = z.object({
  /** What Pacemaker knows; null where it does not run. */
  cluster: z
    .object({
      quorate: z.boolean(),
      members: z.array(z.object({ name: z.string(), online: z.boolean(), unclean: z.boolean() })),
      resources: z.array(
        z.object({
          id: z.string(),
          agent: z.string(),
          /** `Started`, `Stopped`, `Promoted`, `Unpromoted`, or what it becomes. */
          role: z.string(),
          host: z.string().nullable(),
          failed: z.boolean(),
          blocked: z.boolean(),
        }),
      ),
      /** Hosts that may not have the broker for now, because somebody said so. */
      keptOff: z.array(z.string()).default([]),
      failures: z.array(
        z.object({
          host: z.string().nullable(),
          operation: z.string().nullable(),
          reason: z.string().nullable(),
        }),
      ),
      /** The latest first. */
      fencing: z.array(
        z.object({
          host: z.string(),
          action: z.string(),
          status: z.string(),
          by: z.string().nullable(),
          at: z.string().nullable(),
        }),
      ),
    })
    .nullable(),
  /** Corosync's links, each with whom it reaches by number in corosync.conf. */
  rings: z.array(
    z.object({ link: z.int(), address: z.string(), peers: z.record(z.string(), z.string()) }),
  ),
  /** Of Corosync, the quorum device's among them; null where it does not run. */
  votes: z.object({ expected: z.int(), total: z.int() }).nullable().default(null),
  /** DRBD's two copies as this host sees them; null where it is down. */
  disk: z
    .object({
      /** `Connected`, `WFConnection`, `StandAlone`, `SyncTarget`, ... */
      connection: z.string(),
      role: z.string(),
      peerRole: z.string(),
      /** `UpToDate`, `Inconsistent`, `Outdated`, ... */
      state: z.string(),
      peerState: z.string(),
      /** Done so far, while copies are being brought together. */
      syncPercent: z.number().nullable(),
      outOfSyncKiB: z.int(),
    })
    .nullable(),
  /** Host whose copy alone has all that was written: no other one may have the broker. */
  onlyCopy: z.string().nullable(),
});
export type ClusterAnswer = z.infer<typeof clusterAnswer>;

/**
 * Whether what failed keeps its host out until the failure lapses: a start does, or a promotion.
 * @param failure an operation as Pacemaker names it, e.g. `broker_start_0`, or a clause that begins with it
 */
export const keepsOut = (failure: string): boolean => /^\S+_(start|promote)_0\b/.test(failure);

/** How far copies have been brought together, to stand behind what is said of them. Pure. */
export const progressText = (syncPercent: number | null | undefined): string =>
  typeof syncPercent === 'number' ? ` (${syncPercent} %)` : '';

/** Votes that are missing although their hosts are there: the quorum device's. Pure. */
export function missingVotes({ cluster, votes }: ClusterAnswer): number {
  const absent = cluster?.members.filter(({ online }) => !online).length ?? 0;
  return votes === null ? 0 : Math.max(0, votes.expected - votes.total - absent);
}

/** Name of the broker among the cluster's resources, and of the group that moves with it. */
export const brokerResource = 'broker';
export const brokerGroup = 'rabbitmq';

/** Host that runs the broker, as the answer has it. Pure. */
export function brokerHostOf({ cluster }: ClusterAnswer): string | undefined {
  const broker = cluster?.resources.find(({ id }) => id === brokerResource);
  return broker?.role === 'Started' ? (broker.host ?? undefined) : undefined;
}
