import type { ExternalBalancer } from '../model.ts';
import { direct } from './direct.ts';
import type { FrontEnd, FrontEndSite } from './front-end.ts';

/** A balancer of the user's own leads to the brokers; the kit says what it has to be told. */
export const external: FrontEnd = { ...direct, externalBalancer };

function externalBalancer({ config, brokers }: FrontEndSite): ExternalBalancer {
  const { interval, timeout, rise, fall } = config.external.healthCheck;
  return {
    healthCheck: {
      // A broker that hangs still accepts connections: its kernel does. This is answered by the
      // broker's own program, without a login and without a line in its log.
      endpoint: 'management',
      method: 'GET',
      path: '/favicon.ico',
      status: 200,
      intervalSeconds: interval / 1000,
      timeoutSeconds: timeout / 1000,
      fall,
      rise: Object.fromEntries(
        brokers.map(({ name, server }) => [
          name,
          Math.max(rise, 1 + Math.ceil(server.returnDelayMs / interval)),
        ]),
      ),
    },
    leastIdleTimeoutSeconds: (2 * config.rabbitmq.heartbeat) / 1000,
    cutBackupSessionsOnUp: brokers.some(({ server }) => server.role === 'standby'),
  };
}
