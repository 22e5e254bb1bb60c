import { Connection } from 'rabbitmq-client';
import { connect, type ConnectionOptions, type PeerCertificate } from 'node:tls';

/** What became of a client's attempt: the certificate that it accepted, or why it refused. */
export type Handshake =
  { readonly accepted: PeerCertificate; readonly protocol: string } | { readonly refused: string };

/**
 * Connects as a client of this machine that verifies whom it meets, and hangs up.
 * @param name host name that the client believes to be at the address; the address itself unless stated
 */
export async function handshake(
  url: string,
  ca: string | undefined,
  name?: string,
): Promise<Handshake> {
  const { hostname, port } = new URL(url);
  const options: ConnectionOptions = {
    host: hostname,
    port: Number(port),
    timeout: 5_000,
    ...(ca === undefined ? {} : { ca }),
    ...(name === undefined ? {} : { servername: name }),
  };
  return new Promise((resolve) => {
    const socket = connect(options, () => {
      resolve({ accepted: socket.getPeerCertificate(), protocol: socket.getProtocol() ?? '' });
      socket.destroy();
    });
    socket.on('timeout', () => {
      resolve({ refused: 'no answer' });
      socket.destroy();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      resolve({ refused: error.code ?? error.message });
    });
  });
}

/** What a broker tells a client that comes with this URI: `connected`, or why it lets nobody in. */
export async function welcome(uri: string, ca: string): Promise<string> {
  const connection = new Connection({ url: uri, tls: { ca }, connectionTimeout: 10_000 });
  try {
    return await new Promise((resolve) => {
      connection.on('connection', () => {
        resolve('connected');
      });
      connection.on('error', (error: unknown) => {
        resolve(String(error));
      });
    });
  } finally {
    connection.unsafeDestroy();
  }
}
