import { setTimeout as pause } from 'node:timers/promises';
import { messageOf, UserError } from './errors.ts';

export interface WaitOptions {
  /** What is waited for, as a clause that follows "waiting for", e.g. `broker-1 to answer`. */
  readonly subject: string;
  readonly deadlineMs: number;
  readonly intervalMs: number;
  readonly signal?: AbortSignal;
  /** Told whenever what was seen changes. */
  readonly onSeen?: (seen: string) => void;
}

/** What one look found: done with a value; not yet, and what was seen instead; or that it never will be. */
export type Look<T> =
  | { readonly done: true; readonly value: T }
  | { readonly seen: string }
  | { readonly failed: Error };

/** The look of a wait that has no value to give. */
export const doneWhen = (done: boolean, seen: string): Look<true> =>
  done ? { done: true, value: true } : { seen };

/**
 * Looks until it is done; the kit's only wait. A look that throws counts as "not yet" with its
 * message as what was seen: what is asked may not be there yet. Only a UserError that is `lasting` ends
 * the wait.
 * @throws when the deadline passes, with what was last seen; at once what a look gave as `failed`.
 */
export async function waitFor<T>(
  look: () => Look<T> | Promise<Look<T>>,
  options: WaitOptions,
): Promise<T> {
  const start = performance.now();
  let last = '';
  for (;;) {
    const found = await safely(look);
    if ('done' in found) return found.value;
    if ('failed' in found) throw found.failed;
    if (found.seen !== last) options.onSeen?.(found.seen);
    last = found.seen;
    options.signal?.throwIfAborted();
    if (performance.now() - start + options.intervalMs > options.deadlineMs) {
      throw tooLate(options, found);
    }
    await pause(options.intervalMs, undefined, { signal: options.signal });
  }
}

interface NotYet {
  readonly seen: string;
  /** What the look threw. */
  readonly cause?: unknown;
}

async function safely<T>(
  look: () => Look<T> | Promise<Look<T>>,
): Promise<Exclude<Look<T>, { readonly seen: string }> | NotYet> {
  try {
    return await look();
  } catch (cause) {
    if (cause instanceof UserError && cause.parts.lasting === true) throw cause;
    return { seen: messageOf(cause), cause };
  }
}

function tooLate({ subject, deadlineMs }: WaitOptions, { seen, cause }: NotYet): Error {
  const waited = deadlineMs < 1000 ? `${deadlineMs} ms` : `${Math.round(deadlineMs / 1000)} s`;
  const message = `gave up waiting for ${subject} after ${waited}; last seen: ${seen}`;
  return new Error(message, cause === undefined ? {} : { cause });
}
