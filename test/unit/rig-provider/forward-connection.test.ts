import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { forwardConnection } from '../../../infra/rig-provider/network/forward-connection.ts';

const servers: Server[] = [];
const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) server.close();
});

async function listen(onConnection: (socket: Socket) => void): Promise<number> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket);
    onConnection(socket);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as { port: number }).port;
}

/** A client of a forwarder whose target handles each connection as stated. */
async function clientOf(target: (socket: Socket) => void): Promise<Socket> {
  return clientOfPort(await listen(target));
}

async function clientOfPort(port: number): Promise<Socket> {
  const forwarder = await listen((socket) => {
    forwardConnection(socket, { address: '127.0.0.1', port });
  });
  const client = connect({ host: '127.0.0.1', port: forwarder, allowHalfOpen: true });
  sockets.push(client);
  return client;
}

async function textOf(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await once(socket, 'end');
  return text;
}

const errorCode = async (socket: Socket): Promise<string | undefined> => {
  socket.resume();
  const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
  return error.code;
};

describe('a forwarded connection', () => {
  it('carries data and a half close: the answer comes after the question has ended', async () => {
    const client = await clientOf((socket) => {
      void textOf(socket).then((question) => socket.end(`answer to ${question}`));
    });
    client.end('question');
    expect(await textOf(client)).toBe('answer to question');
  });

  it('carries a half close of the target: the client can still talk', async () => {
    let heard: Promise<string> | undefined;
    const client = await clientOf((socket) => {
      heard = textOf(socket);
      socket.end('greeting');
    });
    expect(await textOf(client)).toBe('greeting');
    client.end('late words');
    expect(await heard).toBe('late words');
  });

  it('carries more than its buffers hold', async () => {
    const size = 5_000_000;
    const client = await clientOf((socket) => socket.end(Buffer.alloc(size, 'x')));
    expect((await textOf(client)).length).toBe(size);
  });

  it('passes a reset of the target on to the client', async () => {
    const client = await clientOf((socket) => {
      socket.once('data', () => socket.resetAndDestroy());
    });
    client.write('hello');
    expect(await errorCode(client)).toBe('ECONNRESET');
  });

  it('passes a reset of the client on to the target', async () => {
    let seen: (code: string | undefined) => void;
    const code = new Promise<string | undefined>((resolve) => (seen = resolve));
    const client = await clientOf((socket) => {
      socket.write('ready');
      void errorCode(socket).then(seen);
    });
    await once(client, 'data');
    client.resetAndDestroy();
    expect(await code).toBe('ECONNRESET');
  });

  it('resets the client when the target refuses', async () => {
    const port = await listen(() => undefined);
    const refusing = servers.pop();
    refusing?.close();
    const client = await clientOfPort(port);
    expect(await errorCode(client)).toBe('ECONNRESET');
  });
});
