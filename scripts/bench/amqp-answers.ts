/**
 * Ends with 0 as soon as a broker answers a client's greeting in AMQP 0-9-1, and with 1 when the
 * deadline passes: `amqp-answers.ts FROM ADDRESS PORT DEADLINE_MS`. A process of its own, because it is
 * run inside a network namespace.
 */
import { connect } from 'node:net';
import { waitFor } from '../../infra/wait.ts';

const [from = '', address = '', port = '', deadlineMs = ''] = process.argv.slice(2);
const greeting = Buffer.from('AMQP\0\0\x09\x01', 'latin1');
/** First byte of the broker's `connection.start`, a method frame. */
const methodFrame = 1;
const tryMs = 250;

function answers(): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({
      localAddress: from,
      host: address,
      port: Number(port),
      noDelay: true,
    });
    const end = (answered: boolean): void => {
      socket.destroy();
      resolve(answered);
    };
    socket.setTimeout(tryMs, () => {
      end(false);
    });
    socket.once('connect', () => socket.write(greeting));
    socket.once('data', (data) => {
      end(data[0] === methodFrame);
    });
    socket.once('error', () => {
      end(false);
    });
    socket.once('end', () => {
      end(false);
    });
  });
}

await waitFor(
  async () => ((await answers()) ? { done: true, value: true } : { seen: 'no answer' }),
  {
    subject: `AMQP on ${address}:${port}`,
    deadlineMs: Number(deadlineMs),
    intervalMs: 20,
  },
);
