import type { Channel } from '../../operations/channel.ts';
import { UserError } from '../../errors.ts';
import { type HostRecord, hostRecords, readHostRecord } from '../host-record.ts';
import { runtimeOf } from '../runtime.ts';

/** The rig's way onto the hosts of a stack, from what is on this machine now. */
export function rigChannel(stack: string): Channel {
  const recordOf = (host: string): HostRecord => {
    const record = readHostRecord(stack, host);
    if (record !== undefined) return record;
    throw new UserError({
      what: `stack ${stack} has no host on this machine`,
      value: host,
      allowed: hostRecords(stack).map(({ name }) => name),
      fix: 'npm run status shows the hosts',
    });
  };
  return {
    hosts: () =>
      Promise.resolve(
        hostRecords(stack).map((record) => ({
          name: record.name,
          state: runtimeOf(record.kind).state(record),
          zone: record.zone,
          address: record.address,
          labels: record.labels,
          ...(record.kind === 'container' ? {} : { kind: runtimeOf(record.kind).describe(record) }),
        })),
      ),
    patience: () =>
      Math.max(1, ...hostRecords(stack).map((record) => runtimeOf(record.kind).patience(record))),
    run: async (host, argv, { exactly = false, timeoutMs = 30_000, ...options } = {}) => {
      const record = recordOf(host);
      const runtime = runtimeOf(record.kind);
      const factor = exactly ? 1 : runtime.patience(record);
      return runtime.exec(record, argv, { ...options, timeoutMs: timeoutMs * factor });
    },
  };
}
