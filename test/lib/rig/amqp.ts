import { Connection } from 'rabbitmq-client';

const timeoutMs = 10_000;

async function withConnection<T>(
  uri: string,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  const connection = new Connection({
    url: uri,
    noDelay: true,
    connectionName: 'rig test',
    connectionTimeout: timeoutMs,
    acquireTimeout: timeoutMs,
  });
  const broken = new Promise<never>((_, reject) => connection.on('error', reject));
  try {
    return await Promise.race([work(connection), broken]);
  } finally {
    connection.unsafeDestroy();
  }
}

/** Declares a durable queue; the default type is the broker's own default. */
export async function declareQueue(uri: string, queue: string, type?: 'stream'): Promise<void> {
  const typed = type === undefined ? {} : { arguments: { 'x-queue-type': type } };
  await withConnection(uri, async (connection) => {
    await connection.queueDeclare({ queue, durable: true, ...typed });
    await connection.close();
  });
}

export async function deleteQueue(uri: string, queue: string): Promise<void> {
  await withConnection(uri, async (connection) => {
    await connection.queueDelete({ queue });
    await connection.close();
  });
}

/** Publishes with confirms; returns when all are confirmed. */
export async function publish(
  uri: string,
  queue: string,
  bodies: readonly string[],
): Promise<void> {
  await withConnection(uri, async (connection) => {
    const channel = await connection.acquire();
    await channel.confirmSelect();
    await Promise.all(
      bodies.map((body) =>
        channel.basicPublish({ routingKey: queue, messageId: body, durable: true }, body),
      ),
    );
    await channel.close();
    await connection.close();
  });
}
