import { z } from 'zod';
import { duration, size } from './units.ts';

const seconds = (min: string, max: string) => duration({ min, max, step: '1s' });

/** The section `monitoring` of the config: metrics of every host, and a host that gathers them. */
export const monitoring = z
  .strictObject({
    enabled: z.boolean().default(false),
    /** Between two looks at every host, and between two evaluations of the alert rules. */
    interval: seconds('1s', '5m').prefault('15s'),
    /** A symptom must last this long before somebody is told. */
    alertDelay: seconds('1s', '1h').prefault('1m'),
    /** Messages that consumers of one broker hold without an answer. */
    unacknowledgedLimit: z.int().min(1).max(1_000_000_000).default(10_000),
    retention: seconds('1h', '8760h').prefault('360h'),
    memory: size({ min: '256MiB', max: '64GiB' }).prefault('512MiB'),
    disk: size({ min: '1GiB', max: '4096GiB' }).prefault('4GiB'),
  })
  .prefault({});

export type MonitoringConfig = z.infer<typeof monitoring>;
