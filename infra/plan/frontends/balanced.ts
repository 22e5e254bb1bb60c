import type { EnvironmentConfig } from '../../config/schema.ts';
import type { Ends } from '../flows.ts';
import { listenersOf } from '../listeners.ts';
import type { Flow } from '../model.ts';

/** What balancers open to brokers: connections of clients, and checks. */
export const proxiedAccess = (
  { tls }: EnvironmentConfig,
  { balancers, brokers }: Pick<Ends, 'balancers' | 'brokers'>,
): Flow[] =>
  listenersOf(tls).map(({ protocol, port }) => ({
    from: balancers,
    to: brokers,
    protocol: 'tcp',
    ports: [port],
    why:
      protocol === 'amqp'
        ? 'balanced AMQP and its health checks'
        : 'balanced management, and health checks',
  }));
