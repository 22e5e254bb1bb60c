import { setTimeout as sleep } from 'node:timers/promises';

export interface WaitOptions {
  /** What is waited for, e.g. `systemd of broker-1`. */
  readonly subject: string;
  readonly deadlineMs: number;
  readonly intervalMs: number;
  /** What was seen last, for the error. */
  readonly lastSeen?: () => string;
}

/**
 * Asks until the probe gives a value.
 * @throws when the deadline passes, with the subject and what was seen last.
 */
export async function until<T>(
  probe: () => T | undefined | Promise<T | undefined>,
  options: WaitOptions,
): Promise<T> {
  const { subject, deadlineMs, intervalMs, lastSeen } = options;
  const end = performance.now() + deadlineMs;
  for (;;) {
    const value = await probe();
    if (value !== undefined) return value;
    if (performance.now() >= end) {
      const seen = lastSeen === undefined ? '' : `; last seen: ${lastSeen()}`;
      throw new Error(`${subject}: not so after ${deadlineMs} ms${seen}`);
    }
    await sleep(intervalMs);
  }
}
