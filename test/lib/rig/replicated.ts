import { replicated as stack } from './environments.ts';

/** For a broker's start on an emulated host, and what Pacemaker does before it. */
export const takeOverMs = 300_000;

const [first = '', second = ''] = stack.hosts('broker');

/** The other one of the two hosts. */
export const otherHost = (host: string): string => (host === first ? second : first);

/** Host that has the broker. @throws when none has, or something is not as it should be. */
export async function brokerHost(): Promise<string> {
  const { cluster } = await stack.status();
  if (cluster?.brokerHost == null) throw new Error('the broker runs on no host');
  return cluster.brokerHost;
}

/** Both copies of the disk are what they should be, and the broker runs. */
export const isWhole = (): Promise<true> => stack.untilHealthy(takeOverMs);

/** A host that was switched off stays off until somebody says otherwise. */
export async function bringBack(): Promise<void> {
  await stack.up();
  await isWhole();
}
