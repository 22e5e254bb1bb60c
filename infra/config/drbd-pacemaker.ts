import { z } from 'zod';
import { duration, ipv4 } from './units.ts';

/** Two hosts, one broker: its disk is on both, and a cluster manager says where it runs. */
export const drbdPacemaker = z
  .strictObject({
    /** DRBD 8.4, which Debian's kernels have, keeps a disk on two hosts. */
    brokers: z.int().min(1).max(7).default(2),
    metadataStore: z.enum(['khepri', 'mnesia']).default('khepri'),
    /** A third host with a vote, in a third zone. Without it each of the two may go on alone. */
    quorumDevice: z.boolean().default(true),
    /** A host that falls silent is switched off before its disk is used elsewhere. */
    fencing: z.boolean().default(true),
    /** What switching fencing off takes: both hosts will write, and what one of them wrote is lost. */
    loseDataWithoutFencing: z.boolean().default(false),
    /** Of the broker, wherever it runs; the twentieth address of the front network unless stated. */
    virtualAddress: ipv4().optional(),
    /** Silence after which a host counts as lost. */
    token: duration({ min: '1s', max: '60s', step: '1ms' }).prefault('3s'),
    /** For a start of the broker; one that takes longer is ended, and tried on the other host. */
    startTimeout: duration({ min: '30s', max: '2h', step: '1s' }).prefault('10m'),
    /** How often the cluster looks whether something is to be done that nobody told it of. */
    recheckInterval: duration({ min: '10s', max: '1h', step: '1s' }).prefault('2m'),
  })
  .prefault({});
