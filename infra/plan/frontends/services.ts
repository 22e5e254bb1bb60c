import type { EnvironmentConfig } from '../../config/schema.ts';
import { type Listener, listenersOf } from '../listeners.ts';
import type { EndpointPlan, Flow, FlowEnd } from '../model.ts';

/**
 * Endpoints of what brokers serve, wherever clients connect to it: those with TLS first.
 * @param serversAt where a port answers
 */
export const serviceEndpoints = (
  config: EnvironmentConfig,
  serversAt: (port: number) => EndpointPlan['servers'],
): EndpointPlan[] =>
  listenersOf(config.tls).map((listener) => ({
    ...(listener.protocol === 'amqp' ? amqp(config, listener) : management(config, listener)),
    servers: serversAt(listener.port),
  }));

type Service = Omit<EndpointPlan, 'servers'>;

/** Without TLS beside TLS is the exception, and says so in its name. */
const isExtra = (config: EnvironmentConfig, { tls }: Listener): boolean =>
  config.tls.enabled && !tls;

const amqp = (config: EnvironmentConfig, listener: Listener): Service => ({
  name: isExtra(config, listener) ? 'amqpPlain' : 'amqp',
  scheme: listener.tls ? 'amqps' : 'amqp',
  path: '',
  login: { user: config.rabbitmq.users.application, secret: 'application-password' },
});

const management = (config: EnvironmentConfig, listener: Listener): Service => ({
  name: isExtra(config, listener) ? 'managementPlain' : 'management',
  scheme: listener.tls ? 'https' : 'http',
  path: '/',
  login: { user: config.rabbitmq.users.administrator, secret: 'administrator-password' },
});

/** Clients come to each of these ports. */
export const serviceAccess = (
  { tls }: EnvironmentConfig,
  { clients, to }: { readonly clients: FlowEnd; readonly to: FlowEnd },
): Flow[] =>
  listenersOf(tls).map((listener) => ({
    from: clients,
    to,
    protocol: 'tcp',
    ports: [listener.port],
    why: `${noun(listener)}${listener.tls ? ' over TLS' : ''} from clients`,
  }));

const noun = ({ protocol }: Listener): string =>
  protocol === 'amqp' ? 'AMQP' : 'management UI and API';
