import { waitFor } from '../wait.ts';

/** How long a replacement waits for the ones before it; each may take some 20 s to stop and boot. */
const deadlineMs = 600_000;

/**
 * Replacements of a stack's hosts, one at a time: the engine would do all of them at once, and no
 * broker would be left. The engine runs the diff, the delete and the create of a resource in one
 * provider process, so that a delete can be told from one of a host that goes for good.
 */
export class Turns {
  readonly #announced = new Set<string>();
  #holder: string | undefined;
  #failed: string | undefined;

  /** The diff of this host says that it will be replaced. */
  announce(host: string): void {
    this.#announced.add(host);
  }

  isAnnounced(host: string): boolean {
    return this.#announced.has(host);
  }

  holds(host: string): boolean {
    return this.#holder === host;
  }

  /**
   * Waits until no other host is being replaced.
   * @throws when the replacement of another failed: this host stays as it is.
   */
  async take(host: string): Promise<void> {
    await waitFor(
      () => {
        if (this.#failed !== undefined) {
          const why = `${host} is not replaced: the replacement of ${this.#failed} failed`;
          return { failed: new Error(why) };
        }
        if (this.#holder !== undefined) return { seen: `${this.#holder} is being replaced` };
        this.#holder = host;
        return { done: true, value: true };
      },
      { subject: `the turn of ${host} to be replaced`, deadlineMs, intervalMs: 50 },
    );
  }

  /** Runs a step of the holder's replacement; `last` hands the turn on. A failure ends all turns. */
  async step<T>(host: string, work: () => Promise<T>, last: 'last' | 'first'): Promise<T> {
    try {
      const done = await work();
      if (last === 'last') {
        this.#announced.delete(host);
        this.#holder = undefined;
      }
      return done;
    } catch (error) {
      this.#failed = host;
      throw error;
    }
  }
}
