/**
 * Opens an AMQP connection every 50 ms, each with 250 ms for the broker's answer, and prints a JSON a line for
 * those that were answered (see `Answered`), until it is killed: `probe.ts ADDRESS PORT`. A process of its
 * own, because it is run inside a network namespace.
 */
import { greets } from '../amqp-greeting.ts';
import { clock, type Answered } from './clock.ts';

const everyMs = 50;
const deadlineMs = 250;
const [address = '', port = ''] = process.argv.slice(2);

async function probe(): Promise<void> {
  const startedAt = clock();
  if (!(await greets({ address, port: Number(port), deadlineMs }))) return;
  const answered: Answered = { startedAt, answeredAt: clock() };
  process.stdout.write(`${JSON.stringify(answered)}\n`);
}

setInterval(() => void probe(), everyMs);
