import { AMQPError, Connection } from 'rabbitmq-client';
import { messageOf } from '../../../infra/errors.ts';
import { waitFor } from '../../../infra/wait.ts';

export interface DrainOptions {
  readonly uri: string;
  /** Certificates to trust, PEM, for `amqps:`. */
  readonly ca?: string | undefined;
  readonly queues: readonly string[];
  readonly deadlineMs: number;
}

/**
 * Takes every message from the queues until each answers that it is empty. A connection that breaks
 * is replaced; what was acknowledged on it in vain then comes twice, as a duplicate.
 * @returns message ids in the order in which they came, copies included.
 * @throws when a queue does not exist, or is not read to its end before the deadline.
 */
export async function drainQueues(options: DrainOptions): Promise<string[]> {
  const received: string[] = [];
  let missing: Error | undefined;
  await waitFor(
    async () => {
      try {
        await drainOnce(options, received);
      } catch (error) {
        if (error instanceof AMQPError && error.code === 'NOT_FOUND') missing = error;
        else return { seen: messageOf(error) };
      }
      return { done: true, value: true };
    },
    { subject: `the end of ${options.queues.join(', ')}`, intervalMs: 300, ...options },
  );
  if (missing !== undefined) throw missing;
  return received;
}

async function drainOnce(options: DrainOptions, received: string[]): Promise<void> {
  const connection = new Connection({
    url: options.uri,
    ...(options.ca === undefined ? {} : { tls: { ca: options.ca } }),
    noDelay: true,
    connectionName: 'ledger drain',
    connectionTimeout: 5_000,
    acquireTimeout: 5_000,
  });
  const broken = new Promise<never>((_, reject) => connection.on('error', reject));
  try {
    await Promise.race([readAll(connection, options.queues, received), broken]);
  } finally {
    connection.unsafeDestroy();
  }
}

async function readAll(
  connection: Connection,
  queues: readonly string[],
  received: string[],
): Promise<void> {
  const channel = await connection.acquire();
  for (const queue of queues) {
    for (;;) {
      const message = await channel.basicGet({ queue });
      if (message === undefined) break;
      received.push(message.messageId ?? `without an id in ${queue}`);
      channel.basicAck({ deliveryTag: message.deliveryTag });
    }
  }
  await channel.close();
  await connection.close();
}
