import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Connection } from 'rabbitmq-client';

const openMs = 30_000;
const answerMs = 10_000;

/** Connections that carry nothing but heartbeats, until each is asked whether it still stands. */
export class IdleConnections {
  /** What brokers show of each. */
  readonly connectionName = `idle ${randomBytes(4).toString('hex')}`;
  readonly #connections: readonly Connection[];
  readonly #broken = new Set<Connection>();

  constructor(uri: string, count: number) {
    const { connectionName } = this;
    this.#connections = Array.from({ length: count }, () => {
      const connection = new Connection({ url: uri, connectionName, noDelay: true });
      connection.on('error', () => this.#broken.add(connection));
      return connection;
    });
  }

  get count(): number {
    return this.#connections.length;
  }

  /** Waits until all stand; a first try that failed is none that was lost. */
  async open(): Promise<void> {
    await Promise.all(this.#connections.map((connection) => connection.onConnect(openMs)));
    this.#broken.clear();
  }

  /** How many broke since they were opened, or do not answer. */
  async lost(): Promise<number> {
    const standing = await Promise.all(this.#connections.map((each) => this.#stands(each)));
    return standing.filter((stands) => !stands).length;
  }

  /** A connection that its client made anew has broken before. */
  async #stands(connection: Connection): Promise<boolean> {
    if (this.#broken.has(connection)) return false;
    const timer = new AbortController();
    const late = pause(answerMs, false, { signal: timer.signal }).catch(() => false);
    const answered = opensChannel(connection);
    const stands = await Promise.race([answered, late]);
    timer.abort();
    return stands && !this.#broken.has(connection);
  }

  close(): void {
    for (const connection of this.#connections) connection.unsafeDestroy();
  }
}

async function opensChannel(connection: Connection): Promise<boolean> {
  try {
    const channel = await connection.acquire();
    await channel.close();
    return true;
  } catch {
    return false;
  }
}
