/** Carries standard input and output to a port: `carry.ts FROM-ADDRESS ADDRESS PORT`. */
import { connect } from 'node:net';

const [localAddress = '', host = '', port = ''] = process.argv.slice(2);
const socket = connect({ host, port: Number(port), localAddress });
process.stdin.pipe(socket);
socket.pipe(process.stdout);
// A host that is gone by then does not say goodbye.
process.stdin.once('end', () => socket.setTimeout(5_000, () => socket.destroy()));
socket.once('error', (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
socket.once('close', () => {
  process.exit(0);
});
