import { createServer, type Server } from 'node:net';
import { UserError } from '../../errors.ts';
import { digest } from '../names.ts';
import type { Forward, ForwardInput } from './records.ts';

/** Below the range that Linux gives to outgoing connections, and above the well-known services. */
const firstPort = 20_000;
const portCount = 10_000;
const attempts = 50;

/**
 * What a forward leads to: the port inside and, where clients choose one, the host. Its name may go over
 * to another service, `amqp` to the one with TLS for example; who is connected stays with the service.
 */
export const destinationOf = ({ name, port }: Pick<ForwardInput, 'name' | 'port'>): string =>
  [port, ...name.split('/').slice(1)].join('/');

/** The port of a forward to the same destination before, if there was one. */
export const rememberedPort = (
  wanted: ForwardInput,
  remembered: readonly Forward[],
): number | undefined =>
  remembered.find((forward) => destinationOf(forward) === destinationOf(wanted))?.localPort;

/** Stated ports first, then remembered ones: one that is chosen anew must not take them. */
export function inOrderOfClaims(
  wanted: readonly ForwardInput[],
  remembered: readonly Forward[],
): ForwardInput[] {
  const rank = (forward: ForwardInput): number =>
    forward.fixedPort !== undefined ? 0 : rememberedPort(forward, remembered) !== undefined ? 1 : 2;
  return wanted.toSorted((a, b) => rank(a) - rank(b));
}

/**
 * Ports to try for a forward, best first: the one it had, then one that stack and destination decide,
 * so that an environment made anew has its old ports, then its neighbours.
 */
export function portCandidates(stack: string, destination: string, remembered?: number): number[] {
  const start = Number.parseInt(digest('port', stack, destination).slice(0, 8), 16) % portCount;
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
