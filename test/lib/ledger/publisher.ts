import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { type Channel, Connection } from 'rabbitmq-client';
import { messageOf } from '../../../infra/errors.ts';
import { type Look, waitFor } from '../../../infra/wait.ts';
import { LedgerBook } from './book.ts';

export interface PublisherOptions {
  readonly uri: string;
  /** Servers to try in turn, one at each connect; only `uri` unless stated. */
  readonly uris?: readonly string[];
  /** Certificates to trust, PEM, for `amqps:`. */
  readonly ca?: string | undefined;
  /** Taken in turn; declared durable at each connection, as clients do. */
  readonly queues: readonly string[];
  /** Default: the broker's own default type. */
  readonly queueType?: 'quorum' | 'classic';
  /** Where the ledger is written to. */
  readonly file: string;
  readonly ratePerSecond: number;
  /** No new message after so many. */
  readonly maxMessages: number;
  /** Seconds; how long a silent peer may stay unnoticed by heartbeats alone. */
  readonly heartbeatSeconds?: number;
}

/** A handshake that takes longer goes to a dead path; the next one may not. */
const connectMs = 2_000;
/** Declaring a queue may wait for the election of its leader. */
const declareMs = 10_000;
const reconnectMs = { low: 200, high: 500 };
const tickMs = 10;
/** With so many unconfirmed messages the publisher waits for the broker. */
const maxInFlight = 500;

interface Outgoing {
  readonly id: string;
  readonly queue: string;
  readonly notBefore: number;
}

/**
 * A client as it should be: publishes with confirms at a steady rate, reconnects quickly and sends
 * again what was not confirmed. What it was promised is in its book.
 */
export class LedgerPublisher {
  readonly book: LedgerBook;
  readonly #options: PublisherOptions;
  readonly #prefix = randomBytes(4).toString('hex');
  readonly #inFlight = new Set<string>();
  readonly #returned = new Set<string>();
  #again: Outgoing[] = [];
  #created = 0;
  #connects = 0;
  #creating = true;
  #cancelled = false;
  readonly #work: Promise<void>;

  constructor(options: PublisherOptions) {
    this.#options = options;
    this.book = new LedgerBook(options.file);
    this.#work = this.#sessions();
  }

  /** What brokers show of its connection. */
  get connectionName(): string {
    return `ledger ${this.#prefix}`;
  }

  /** Waits for `count` more confirms. @throws after the deadline with the last connection event. */
  async moreConfirms(count: number, deadlineMs: number): Promise<void> {
    const target = this.book.confirmedCount + count;
    await waitFor(() => Promise.resolve(this.#lookFor(target)), {
      subject: `${count} more confirms`,
      deadlineMs,
      intervalMs: 20,
    });
  }

  /** Sends nothing new, waits until all is confirmed or the deadline passes, and hangs up. */
  async finish(deadlineMs: number): Promise<void> {
    this.#creating = false;
    const timer = new AbortController();
    const late = pause(deadlineMs, undefined, { signal: timer.signal }).catch(() => undefined);
    await Promise.race([this.#work, late]);
    timer.abort();
    this.#cancelled = true;
    await this.#work;
    this.book.close();
  }

  #lookFor(target: number): Look<true> {
    const confirmed = this.book.confirmedCount;
    if (confirmed >= target) return { done: true, value: true };
    const last = this.book.events().at(-1);
    const event = last === undefined ? 'never connected' : `${last.kind} ${last.detail}`;
    return { seen: `${confirmed} of ${target} confirmed, connection ${event}` };
  }

  get #isDone(): boolean {
    const open = this.#creating || this.#again.length > 0 || this.#inFlight.size > 0;
    return this.#cancelled || !open;
  }

  async #sessions(): Promise<void> {
    while (!this.#isDone) {
      try {
        await this.#session();
      } catch (error) {
        this.book.event('lost', messageOf(error));
        await pause(between(reconnectMs));
      }
    }
  }

  async #session(): Promise<void> {
    const connection = new Connection({
      url: this.#nextServer(),
      ...(this.#options.ca === undefined ? {} : { tls: { ca: this.#options.ca } }),
      noDelay: true,
      connectionName: this.connectionName,
      connectionTimeout: connectMs,
      acquireTimeout: connectMs,
      heartbeat: this.#options.heartbeatSeconds ?? 20,
    });
    const broken = new Promise<never>((_, reject) => connection.on('error', reject));
    try {
      const session = this.#setUp(connection).then((channel) => this.#publishOn(channel));
      await Promise.race([session, broken]);
      await Promise.race([connection.close(), pause(connectMs)]);
    } finally {
      connection.unsafeDestroy();
    }
  }

  #nextServer(): string {
    const { uri, uris = [uri] } = this.#options;
    const server = uris[this.#connects % uris.length];
    this.#connects += 1;
    return server ?? uri;
  }

  async #setUp(connection: Connection): Promise<Channel> {
    const channel = await connection.acquire();
    const type = this.#options.queueType;
    const setUp = async (): Promise<void> => {
      for (const queue of this.#options.queues) {
        const typed = type === undefined ? {} : { arguments: { 'x-queue-type': type } };
        await channel.queueDeclare({ queue, durable: true, ...typed });
      }
      await channel.confirmSelect();
    };
    await within(declareMs, 'declaring the queues', setUp());
    channel.on('basic.return', (message) => {
      if (message.messageId !== undefined) this.#returned.add(message.messageId);
    });
    this.book.event('connected');
    return channel;
  }

  async #publishOn(channel: Channel): Promise<void> {
    const started = performance.now();
    let sent = 0;
    while (!this.#isDone) {
      if (!channel.active) throw new Error('the broker closed the channel');
      const due = ((performance.now() - started) / 1000) * this.#options.ratePerSecond;
      // After a stall the rate goes on, it does not catch up in one burst.
      sent = Math.max(sent, Math.floor(due) - this.#options.ratePerSecond);
      while (sent < due && this.#inFlight.size < maxInFlight) {
        const next = this.#next();
        if (next === undefined) break;
        this.#send(channel, next);
        sent += 1;
      }
      await pause(tickMs);
    }
    if (channel.active) await Promise.race([channel.close(), pause(connectMs)]);
  }

  #next(): Outgoing | undefined {
    const now = performance.now();
    const ripe = this.#again.findIndex(({ notBefore }) => notBefore <= now);
    if (ripe >= 0) return this.#again.splice(ripe, 1)[0];
    const { queues, maxMessages } = this.#options;
    const queue = queues[this.#created % queues.length];
    if (!this.#creating || this.#created >= maxMessages || queue === undefined) return undefined;
    this.#created += 1;
    return { id: `${this.#prefix}-${this.#created}`, queue, notBefore: 0 };
  }

  #send(channel: Channel, { id, queue }: Outgoing): void {
    this.book.sending(id, queue);
    this.#inFlight.add(id);
    const envelope = { routingKey: queue, messageId: id, durable: true, mandatory: true };
    channel.basicPublish(envelope, id).then(
      () => {
        // A return arrives before its confirm but is told one turn later.
        setImmediate(() => {
          this.#settle(id, queue, !this.#returned.delete(id));
        });
      },
      () => {
        this.#settle(id, queue, false);
      },
    );
  }

  #settle(id: string, queue: string, confirmed: boolean): void {
    this.#inFlight.delete(id);
    if (confirmed) this.book.confirmed(id);
    else this.#again.push({ id, queue, notBefore: performance.now() + between(reconnectMs) });
  }
}

const between = ({ low, high }: { low: number; high: number }): number =>
  low + Math.random() * (high - low);

async function within<T>(limitMs: number, subject: string, work: Promise<T>): Promise<T> {
  const timer = new AbortController();
  const late = pause(limitMs, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`${subject} took longer than ${limitMs} ms`);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    timer.abort();
    late.catch(() => undefined);
  }
}
