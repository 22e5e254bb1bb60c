import { waitFor } from '../wait.ts';

/** How long a replacement waits for the ones before it; each may take some 20 s to stop and boot. */
const deadlineMs = 600_000;
/** A host that was taken away is made anew at once, unless the engine has given up. */
const betweenMs = 60_000;
/** The engine begins to replace one host before it has asked about the next, a moment later. */
const settledMs = 2_000;

/**
 * Replacements of a stack's hosts, one at a time: the engine would do all of them at once, and no
 * broker would be left. The engine runs the diff, the delete and the create of a resource in one
 * provider process, so that a delete can be told from one of a host that goes for good.
 */
export class Turns {
  readonly #announced = new Set<string>();
  readonly #down = new Set<string>();
  readonly #settledMs: number;
  readonly #betweenMs: number;
  #announcedAt = 0;
  /** When the holder's first step ended, until its last one begins. */
  #goneSince: number | undefined;
  #holder: string | undefined;
  #failed: string | undefined;

  constructor(settlesAfterMs = settledMs, givenUpAfterMs = betweenMs) {
    this.#settledMs = settlesAfterMs;
    this.#betweenMs = givenUpAfterMs;
  }

  /**
   * The diff of this host says that it will be replaced. Those that are down go first: nobody misses them,
   * and once they are back the others can be spared.
   */
  announce(host: string, power: 'running' | 'stopped'): void {
    this.#announced.add(host);
    this.#announcedAt = performance.now();
    if (power === 'stopped') this.#down.add(host);
  }

  isAnnounced(host: string): boolean {
    return this.#announced.has(host);
  }

  holds(host: string): boolean {
    return this.#holder === host;
  }

  /**
   * Waits until no other host is being replaced.
   * @param patience how many times longer than a container its hosts take
   * @throws when the replacement of another failed: this host stays as it is.
   */
  async take(host: string, patience = 1): Promise<void> {
    await waitFor(
      () => {
        if (this.#failed !== undefined) {
          const why = `${host} is not replaced: the replacement of ${this.#failed} failed`;
          return { failed: new Error(why) };
        }
        if (this.#holder !== undefined) {
          const why = `${host} is not replaced: ${this.#holder} was taken away and is not made anew; npm run up goes on`;
          return this.#isGivenUp()
            ? { failed: new Error(why) }
            : { seen: `${this.#holder} is being replaced` };
        }
        if (performance.now() - this.#announcedAt < this.#settledMs) {
          return { seen: 'more replacements may be to come' };
        }
        const [down] = this.#down;
        if (down !== undefined && !this.#down.has(host))
          return { seen: `${down} is down: it goes first` };
        this.#holder = host;
        return { done: true, value: true };
      },
      {
        subject: `the turn of ${host} to be replaced`,
        deadlineMs: deadlineMs * patience,
        intervalMs: 50,
      },
    );
  }

  /** After an interrupt, or a failure elsewhere, the engine leaves replacements where they are. */
  #isGivenUp(): boolean {
    const since = this.#goneSince;
    return since !== undefined && performance.now() - since > this.#betweenMs;
  }

  /** Runs a step of the holder's replacement; `last` hands the turn on. A failure ends all turns. */
  async step<T>(host: string, work: () => Promise<T>, last: 'last' | 'first'): Promise<T> {
    this.#goneSince = undefined;
    try {
      const done = await work();
      if (last === 'first') this.#goneSince = performance.now();
      else {
        this.#announced.delete(host);
        this.#down.delete(host);
        this.#holder = undefined;
      }
      return done;
    } catch (error) {
      this.#failed = host;
      throw error;
    }
  }
}
