import { createServer, type Server } from 'node:net';
import { UserError } from '../../errors.ts';
import { digest } from '../names.ts';

/** Below the range that Linux gives to outgoing connections, and above the well-known services. */
const firstPort = 20_000;
const portCount = 10_000;
const attempts = 50;

/**
 * Ports to try for a forward, best first: the one it had, then one that only stack and name decide,
 * so that an environment made anew has its old ports, then its neighbours.
 */
export function portCandidates(stack: string, name: string, remembered?: number): number[] {
  const start = Number.parseInt(digest('port', stack, name).slice(0, 8), 16) % portCount;
  const derived = Array.from({ length: attempts }, (_, i) => firstPort + ((start + i) % portCount));
  return remembered === undefined
    ? derived
    : [remembered, ...derived.filter((candidate) => candidate !== remembered)];
}

export interface Listening {
  readonly server: Server;
  readonly localPort: number;
}

/** Opens the first free port of the candidates on the machine's loopback. */
export async function listenOnFirstFree(
  subject: string,
  candidates: readonly number[],
): Promise<Listening> {
  for (const localPort of candidates) {
    const server = await tryListen(localPort);
    if (server !== undefined) return { server, localPort };
  }
  throw new UserError({
    what: `no free loopback port for ${subject}`,
    allowed: `one of ${candidates.join(' ')}`,
    fix: 'end the programs that listen there (ss -ltnp)',
  });
}

/** Undefined when somebody else has the port. */
export function tryListen(localPort: number): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(undefined);
      else reject(error);
    });
    server.listen({ host: '127.0.0.1', port: localPort, exclusive: true }, () => {
      resolve(server);
    });
  });
}
