import { setTimeout as pause } from 'node:timers/promises';

export interface WaitOptions {
  /** What is waited for, as a clause that follows "waiting for". */
  readonly subject: string;
  readonly deadlineMs: number;
  readonly intervalMs: number;
  readonly signal?: AbortSignal;
  /** Told whenever what was seen changes. */
  readonly onSeen?: (seen: string) => void;
}

/** What one look found: done with a value, or not yet and what was seen instead. */
export type Look<T> = { readonly done: true; readonly value: T } | { readonly seen: string };

/**
 * Looks until it is done. A look that throws counts as "not yet" with its message as what was seen.
 * @throws when the deadline passes, with what was last seen.
 */
export async function waitFor<T>(look: () => Promise<Look<T>>, options: WaitOptions): Promise<T> {
  const start = performance.now();
  let last = '';
  for (;;) {
    const found = await look().catch((error: unknown) => ({
      seen: error instanceof Error ? error.message : String(error),
    }));
    if ('done' in found) return found.value;
    if (found.seen !== last) options.onSeen?.(found.seen);
    last = found.seen;
    options.signal?.throwIfAborted();
    if (performance.now() - start + options.intervalMs > options.deadlineMs) {
      const seconds = Math.round(options.deadlineMs / 1000);
      throw new Error(
        `gave up waiting for ${options.subject} after ${seconds} s; last seen: ${last}`,
      );
    }
    await pause(options.intervalMs, undefined, { signal: options.signal });
  }
}
