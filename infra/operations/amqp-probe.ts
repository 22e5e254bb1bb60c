import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { AMQPError, Connection } from 'rabbitmq-client';
import type { Channel } from 'rabbitmq-client';

export interface ProbeOptions {
  /** `amqp://user:password@host:port/vhost`; the password never shows in an error. */
  readonly uri: string;
  /** Certificates to trust, PEM, for `amqps:`; the machine's own unless stated. */
  readonly ca?: string | undefined;
  /** Milliseconds for everything, retries included. */
  readonly deadlineMs: number;
}

export interface ProbeResult {
  /** Milliseconds from sending to the broker's confirm. */
  readonly publishedMs: number;
  /** Milliseconds from sending to the message's return to this client. */
  readonly consumedMs: number;
}

/** One try may hang on a half-dead path; the next one gets a new connection through the VIP. */
const attemptMs = 5_000;
/** Clients that come back after 0.2 to 0.5 s show the service's speed, not their own. */
const retryMs = { low: 200, high: 500 };
/** A queue that a failed try left behind goes by itself. */
const queueExpiryMs = 60_000;

/**
 * Publishes a message with a confirm and consumes it back, as a client would. Uses a queue of its
 * own that is deleted afterwards. Failed tries are repeated on new connections until the deadline.
 * @throws when no message made the round trip in time; the error says what was last seen.
 */
export async function probeMessage(options: ProbeOptions): Promise<ProbeResult> {
  const deadline = performance.now() + options.deadlineMs;
  let tries = 0;
  for (;;) {
    tries += 1;
    const left = deadline - performance.now();
    try {
      return await attempt(options, Math.max(1, Math.min(attemptMs, left)));
    } catch (error) {
      const delay = retryMs.low + Math.random() * (retryMs.high - retryMs.low);
      if (performance.now() + delay >= deadline) throw failure(options, tries, error);
      await pause(delay);
    }
  }
}

async function attempt({ uri, ca }: ProbeOptions, limitMs: number): Promise<ProbeResult> {
  const connection = new Connection({
    url: uri,
    ...(ca === undefined ? {} : { tls: { ca } }),
    noDelay: true,
    connectionName: 'rabbitmq-ha-kit probe',
    // Our own limit speaks first.
    connectionTimeout: attemptMs * 2,
    acquireTimeout: attemptMs * 2,
  });
  const timer = new AbortController();
  const broken = new Promise<never>((_, reject) => {
    connection.on('error', reject);
  });
  const late = pause(limitMs, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`no answer within ${Math.round(limitMs)} ms`);
  });
  try {
    return await Promise.race([roundTrip(connection), broken, late]);
  } finally {
    timer.abort();
    late.catch(() => undefined);
    broken.catch(() => undefined);
    connection.unsafeDestroy();
  }
}

async function roundTrip(connection: Connection): Promise<ProbeResult> {
  const { channel, queue } = await declare(connection);
  await channel.confirmSelect();
  const messageId = randomUUID();
  const returned = new Promise<number>((resolve, reject) => {
    channel.on('basic.return', (message) => {
      reject(new Error(`the broker returned the message: ${message.replyText}`));
    });
    channel.on('basic.cancel', () => {
      reject(new Error('the broker cancelled the consumer'));
    });
    channel
      .basicConsume({ queue }, (message) => {
        channel.basicAck({ deliveryTag: message.deliveryTag });
        if (message.messageId === messageId) resolve(performance.now());
      })
      .catch(reject);
  });
  // The confirm below may fail first; then nobody awaits this one.
  returned.catch(() => undefined);
  const sent = performance.now();
  await channel.basicPublish(
    { routingKey: queue, messageId, durable: true, mandatory: true },
    'probe',
  );
  const confirmed = performance.now();
  const consumed = await returned;
  await channel.queueDelete({ queue });
  await channel.close();
  await connection.close();
  return { publishedMs: Math.round(confirmed - sent), consumedMs: Math.round(consumed - sent) };
}

/** A quorum queue where the broker has them (3.8 and later); it closes the channel where not. */
async function declare(connection: Connection): Promise<{ channel: Channel; queue: string }> {
  const queue = `rabbitmq-ha-kit.probe.${randomUUID()}`;
  const expiry = { 'x-expires': queueExpiryMs };
  const channel = await connection.acquire();
  try {
    const quorum = { ...expiry, 'x-queue-type': 'quorum' as const };
    await channel.queueDeclare({ queue, durable: true, arguments: quorum });
    return { channel, queue };
  } catch (error) {
    if (!(error instanceof AMQPError) || !noQuorumQueues.has(error.code)) throw error;
    const second = await connection.acquire();
    await second.queueDeclare({ queue, durable: true, arguments: expiry });
    return { channel: second, queue };
  }
}

const noQuorumQueues = new Set(['PRECONDITION_FAILED', 'NOT_IMPLEMENTED']);

function failure(options: ProbeOptions, tries: number, cause: unknown): Error {
  const { hostname, port } = new URL(options.uri);
  const seen = cause instanceof Error ? cause.message.replace(/^undefined: /, '') : String(cause);
  return new Error(
    `No message made the round trip through ${hostname}:${port || '5672'} within ` +
      `${options.deadlineMs} ms (${tries} tries, last seen: ${seen}). ` +
      'See which part is down with `npm run status`.',
    { cause },
  );
}
