/** Carries standard input and output to a port: `carry.ts FROM-ADDRESS ADDRESS PORT`. */
import { connect } from 'node:net';

const [localAddress = '', host = '', port = ''] = process.argv.slice(2);
const socket = connect({ host, port: Number(port), localAddress });
process.stdin.pipe(socket);
socket.pipe(process.stdout);
socket.once('error', (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
socket.once('close', () => {
  process.exit(0);
});
