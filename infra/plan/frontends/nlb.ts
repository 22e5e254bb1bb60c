import type { LoadBalancerListener, LoadBalancerPlan } from '../aws.ts';
import { frontName } from '../addressing.ts';
import { balancerSeats } from '../seats.ts';
import { type Listener, listenersOf } from '../listeners.ts';
import { proxiedAccess } from './balanced.ts';
import type { FrontEnd, FrontEndSite } from './front-end.ts';
import { serviceAccess, serviceEndpoints } from './services.ts';

/** The shortest that EC2 takes, so that a silent broker is out after about ten seconds. */
const healthCheck = { intervalSeconds: 5, timeoutSeconds: 2, rise: 2, fall: 2 } as const;
/** What EC2 itself forgets idle connections after, unless told otherwise. */
const usualIdleTimeoutSeconds = 350;

/**
 * A Network Load Balancer of AWS in place of hosts: it stands in the range of balancers, one fixed
 * address a zone, and plays their role in the flows.
 */
export const nlb: FrontEnd = {
  ranges: () => [],
  names: () => [],
  hosts: () => [],
  flows: ({ config }, { clients, brokers, balancers }) => [
    ...serviceAccess(config, { clients, to: balancers }),
    ...proxiedAccess(config, { balancers, brokers }),
  ],
  secrets: () => [],
  endpoints: ({ config }) =>
    serviceEndpoints(config, (port) => [
      { host: undefined, address: frontName(config), port, role: 'active', weight: 1 },
    ]),
  virtualAddresses: () => [],
  loadBalancers,
};

function loadBalancers(site: FrontEndSite): LoadBalancerPlan[] {
  const { config, layout } = site;
  const listeners = listenersOf(config.tls);
  return [
    {
      name: 'front',
      role: 'balancer',
      places: balancerSeats(layout).map(({ network, address }) => ({ network, address })),
      listeners: listeners.map((listener) => forwarded(site, listener, listeners)),
    },
  ];
}

function forwarded(
  { config, brokers }: FrontEndSite,
  { name, port, tls }: Listener,
  listeners: readonly Listener[],
): LoadBalancerListener {
  // A broker that hangs still accepts connections: its kernel does. This is answered by the broker's
  // own program, without a login and without a line in its log.
  const answering = listeners.find((each) => each.protocol === 'management' && each.tls === tls);
  return {
    name,
    port,
    targets: brokers.map((broker) => ({ host: broker.name, port })),
    healthCheck: {
      ...healthCheck,
      ...(answering === undefined
        ? { protocol: 'tcp', port, path: undefined }
        : { protocol: tls ? 'https' : 'http', port: answering.port, path: '/favicon.ico' }),
    },
    cutOnUnhealthy: true,
    idleTimeoutSeconds: Math.max(usualIdleTimeoutSeconds, (2 * config.rabbitmq.heartbeat) / 1000),
  };
}
