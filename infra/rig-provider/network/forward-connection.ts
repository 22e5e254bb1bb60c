import { connect, type Socket } from 'node:net';

export interface Target {
  readonly address: string;
  readonly port: number;
}

/** How long a target may take to accept: what a client would wait for before it tries again. */
const connectTimeoutMs = 5_000;

/**
 * Carries one connection to its target, so that the client sees what it would see without a
 * forwarder: data both ways, a half close as a half close, a reset as a reset. A refused or silent
 * target resets the client. The client must allow half-open connections.
 */
export function forwardConnection(client: Socket, target: Target): void {
  const upstream = connect({ host: target.address, port: target.port, allowHalfOpen: true });
  const timer = setTimeout(
    () => upstream.destroy(new Error('connect timed out')),
    connectTimeoutMs,
  );
  upstream.once('connect', () => {
    clearTimeout(timer);
    client.setNoDelay(true);
    upstream.setNoDelay(true);
    client.pipe(upstream);
    upstream.pipe(client);
  });
  upstream.once('close', () => {
    clearTimeout(timer);
  });
  endTogether(client, upstream);
  endTogether(upstream, client);
}

/** Any error of one side, a reset above all, is a reset for the other. */
function endTogether(from: Socket, to: Socket): void {
  from.once('error', () => {
    to.resetAndDestroy();
  });
  from.once('close', () => {
    // After both ends were passed on there is nothing left to do; else the rest never comes.
    if (!from.readableEnded || !from.writableFinished) to.resetAndDestroy();
  });
}
