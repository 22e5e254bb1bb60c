/**
 * The forwarder of a stack: a process inside the router namespace that was handed listening sockets
 * of the machine's loopback as inherited file descriptors. Its one argument is a JSON list of
 * {fd, address, port}. It outlives the plugin that started it and ends with its control group.
 */
import { createServer } from 'node:net';
import { forwardConnection } from './forward-connection.ts';

interface Listener {
  readonly fd: number;
  readonly address: string;
  readonly port: number;
}

const listeners = JSON.parse(process.argv[2] ?? '[]') as readonly Listener[];

// A connection must never take the others down with it.
let logged = 0;
process.on('uncaughtException', (error) => {
  logged += 1;
  if (logged <= 1000) process.stderr.write(`${new Date().toISOString()} ${String(error)}\n`);
});

await Promise.all(
  listeners.map(
    ({ fd, ...target }) =>
      new Promise<void>((resolve) => {
        const server = createServer({ allowHalfOpen: true }, (client) => {
          forwardConnection(client, target);
        });
        server.listen({ fd }, resolve);
      }),
  ),
);
process.stdout.write('ready\n');
