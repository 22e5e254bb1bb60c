/**
 * Ends with 0 as soon as a broker answers a client's greeting in AMQP 0-9-1, and with 1 when the
 * deadline passes: `amqp-answers.ts FROM ADDRESS PORT DEADLINE_MS`. A process of its own, because it is
 * run inside a network namespace.
 */
import { waitFor } from '../../infra/wait.ts';
import { greets } from './amqp-greeting.ts';

const [from = '', address = '', port = '', deadlineMs = ''] = process.argv.slice(2);
const tryMs = 250;

await waitFor(
  async () =>
    (await greets({ from, address, port: Number(port), deadlineMs: tryMs }))
      ? { done: true, value: true }
      : { seen: 'no answer' },
  {
    subject: `AMQP on ${address}:${port}`,
    deadlineMs: Number(deadlineMs),
    intervalMs: 20,
  },
);
