import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { namespacePath, routerNamespace } from '../../../infra/rig-provider/names.ts';
import { doneWhen, waitFor } from '../../../infra/wait.ts';
import type { Answered } from './clock.ts';

/** A client at the router of an environment that opens connections all the time; see probe.ts. */
export class Prober {
  readonly #child: ChildProcess;
  readonly #answered: Answered[] = [];
  #ended: string | undefined;

  constructor(rigStack: string, address: string, port: number) {
    const script = join(import.meta.dirname, 'probe.ts');
    const inside = [`--net=${namespacePath(routerNamespace(rigStack))}`, process.execPath, script];
    this.#child = spawn('nsenter', [...inside, address, String(port)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#child.once('error', (error) => (this.#ended = error.message));
    this.#child.once('exit', (code) => (this.#ended = `exit ${String(code)}`));
    if (this.#child.stdout !== null) {
      createInterface({ input: this.#child.stdout }).on('line', (line) => {
        this.#answered.push(JSON.parse(line) as Answered);
      });
    }
  }

  /** The first connection that was begun after a moment and answered. @throws after the deadline */
  firstAfter(moment: number, deadlineMs: number): Promise<Answered> {
    return waitFor(
      () => {
        if (this.#ended !== undefined) return { failed: new Error(`the prober: ${this.#ended}`) };
        const found = this.#answered.find(({ startedAt }) => startedAt > moment);
        return found === undefined
          ? { seen: `${this.#answered.length} answers before that` }
          : { done: true, value: found };
      },
      { subject: 'a new connection to be answered', deadlineMs, intervalMs: 10 },
    );
  }

  /** Waits until it is answered without a gap, as before a trial. */
  async steady(count: number, deadlineMs: number): Promise<void> {
    const before = this.#answered.length;
    await waitFor(
      () => doneWhen(this.#answered.length >= before + count, `${this.#answered.length} answers`),
      { subject: `${count} answered connections`, deadlineMs, intervalMs: 20 },
    );
  }

  stop(): void {
    this.#child.kill('SIGKILL');
  }
}
