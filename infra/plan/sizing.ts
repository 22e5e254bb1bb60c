import type { EnvironmentConfig } from '../config/schema.ts';

/** Names of a cluster's brokers: numbered from 1. */
export const brokerNames = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `broker-${index + 1}`);

/** Names of a mirrored cluster's brokers, which may stand beside those of a cluster during a swap. */
export const mirroredBrokerNames = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `rabbit-${index + 1}`);

/**
 * Absolute limits of a broker from its host's planned memory and disk: a container sees the whole
 * machine's, so that relative limits would be wrong there.
 */
export function brokerLimits(brokers: EnvironmentConfig['brokers']): {
  readonly memoryWatermarkMiB: number;
  readonly diskFreeLimitMiB: number;
} {
  return {
    memoryWatermarkMiB: brokers.memoryWatermark ?? Math.floor(brokers.memory * 0.6),
    diskFreeLimitMiB: brokers.diskFreeLimit ?? brokers.memory,
  };
}
