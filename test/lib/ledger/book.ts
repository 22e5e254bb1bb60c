import { closeSync, openSync, writeSync } from 'node:fs';

/** What happened to one message, in milliseconds since the ledger was opened. */
export interface LedgerEntry {
  readonly id: string;
  readonly queue: string;
  /** Each time it was given to a connection; the first is before any byte left. */
  readonly sentAt: readonly number[];
  readonly confirmedAt: number | undefined;
}

/** What a client saw of its connection. */
export interface ConnectionEvent {
  readonly at: number;
  readonly kind: 'connected' | 'lost';
  /** The error's text for `lost`, else empty. */
  readonly detail: string;
}

interface Line {
  readonly queue: string;
  readonly sentAt: number[];
  confirmedAt: number | undefined;
}

/**
 * The client's own record, kept outside the system under test: a message is entered before it is
 * sent and marked when the broker confirms it. Each line goes to the file at once, so that the
 * record outlives a test that is killed.
 */
export class LedgerBook {
  readonly #lines = new Map<string, Line>();
  readonly #events: ConnectionEvent[] = [];
  readonly #opened = performance.now();
  #file: number | undefined;
  #confirmed = 0;

  constructor(file: string) {
    this.#file = openSync(file, 'w', 0o600);
  }

  /** Milliseconds since the ledger was opened. */
  now(): number {
    return performance.now() - this.#opened;
  }

  sending(id: string, queue: string): void {
    const at = this.now();
    const line = this.#lines.get(id);
    if (line) line.sentAt.push(at);
    else this.#lines.set(id, { queue, sentAt: [at], confirmedAt: undefined });
    this.#write('sending', at, id);
  }

  /** @throws for an id that was never entered: a confirm for nothing is a fault of the client. */
  confirmed(id: string): void {
    const line = this.#lines.get(id);
    if (!line) throw new Error(`The broker confirmed ${id}, which was never sent.`);
    if (line.confirmedAt === undefined) this.#confirmed += 1;
    line.confirmedAt ??= this.now();
    this.#write('confirmed', line.confirmedAt, id);
  }

  get confirmedCount(): number {
    return this.#confirmed;
  }

  event(kind: ConnectionEvent['kind'], detail = ''): void {
    const at = this.now();
    this.#events.push({ at, kind, detail });
    this.#write(kind, at, detail);
  }

  entries(): readonly LedgerEntry[] {
    return [...this.#lines].map(([id, line]) => ({ id, ...line }));
  }

  events(): readonly ConnectionEvent[] {
    return this.#events;
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #write(kind: string, at: number, text: string): void {
    if (this.#file !== undefined) writeSync(this.#file, `${at.toFixed(1)} ${kind} ${text}\n`);
  }
}
