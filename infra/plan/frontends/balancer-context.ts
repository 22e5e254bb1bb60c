import type { BalancingConfig, EnvironmentConfig } from '../../config/schema.ts';
import { type Layout, mechanismOf } from '../addressing.ts';
import { balancerSeat } from '../seats.ts';
import { type Listener, listenersOf } from '../listeners.ts';
import { metricsPorts } from '../monitoring/exporters.ts';
import { tlsContext } from '../tls.ts';
import type { BrokerSite } from '../topologies/topology.ts';
import type { BalancedServer, BalancedService, BalancerContext } from './contexts.ts';
import type { VrrpCheck } from './keepalived/contexts.ts';
import type { BalancerIndex } from './keepalived/index.ts';

/** Everything that HAProxy of one balancer prints. */
export function balancerContext(
  name: string,
  index: BalancerIndex,
  config: EnvironmentConfig,
  layout: Layout,
  brokers: readonly BrokerSite[],
): BalancerContext {
  const settings = config.haproxyKeepalived;
  const { healthCheck, timeouts, statistics } = settings;
  const listeners = listenersOf(config.tls);
  const { address } = balancerSeat(layout, index);
  const mechanism = mechanismOf(config);
  return {
    host: name,
    address,
    // What reaches the holder of an Elastic IP is addressed to the host itself.
    served: mechanism === 'elastic-ip' ? address : layout.virtualAddress,
    maxConnections: settings.maxConnections,
    timeoutsMs: { ...timeouts, check: timeouts.check ?? healthCheck.interval },
    retries: settings.retries,
    redispatch: settings.redispatch,
    healthCheck: {
      intervalMs: healthCheck.interval,
      intervalSeconds: healthCheck.interval / 1000,
      fastIntervalMs: healthCheck.fastInterval ?? healthCheck.interval,
      downIntervalMs: healthCheck.downInterval ?? healthCheck.interval,
      rise: healthCheck.rise,
      fall: healthCheck.fall,
      observe: healthCheck.observe,
      errorLimit: healthCheck.errorLimit,
      cutSessionsOnDown: healthCheck.cutSessionsOnDown,
    },
    tls: tlsContext(config),
    services: listeners.map((listener) => balancedService(listener, listeners, settings, brokers)),
    statistics: {
      user: statistics.user,
      port: statistics.port,
      path: statistics.path,
      refreshSeconds: statistics.refresh / 1000,
    },
    logging: settings.logging,
    metricsPort: config.monitoring.enabled ? metricsPorts.haproxy : 0,
    virtualAddress: layout.virtualAddress,
    passwordAuthentication: settings.vrrp.passwordAuthentication,
    vrrp: { check: vrrpCheck(settings.vrrp) },
  };
}

function balancedService(
  { name, protocol, tls, port }: Listener,
  listeners: readonly Listener[],
  settings: BalancingConfig,
  brokers: readonly BrokerSite[],
): BalancedService {
  const standby = brokers.some(({ server }) => server.role === 'standby');
  const sibling = listeners.find((other) => other.protocol !== protocol && other.tls === tls);
  return {
    name,
    port,
    tls,
    // One check a broker and transport is enough.
    follows: protocol === 'amqp' ? '' : (sibling?.name ?? ''),
    answerPort: settings.healthCheck.answer ? (sibling?.port ?? 0) : 0,
    balance: settings.balance,
    servers: brokers.map((broker): BalancedServer => ({
      name: broker.name,
      host: broker.fqdn,
      address: broker.address,
      port,
      weight: broker.server.weight,
      role: broker.server.role === 'active' ? 'active' : 'backup',
      rise: riseOf(broker, settings.healthCheck),
      cutBackupSessionsOnUp: standby && broker.server.role === 'active',
    })),
  };
}

/** Checks in a row that cover the broker's return delay; while it rises they are fast ones. */
const riseOf = (
  { server }: BrokerSite,
  { rise, interval, fastInterval }: BalancingConfig['healthCheck'],
): number => Math.max(rise, 1 + Math.ceil(server.returnDelayMs / (fastInterval ?? interval)));

/** The check of HAProxy by which a balancer keeps the virtual address or gives it up. */
export const vrrpCheck = ({ check }: BalancingConfig['vrrp']): VrrpCheck => ({
  intervalSeconds: check.interval / 1000,
  timeoutSeconds: (check.timeout ?? check.interval) / 1000,
  rise: check.rise,
  fall: check.fall,
  weight: check.weight,
  onFailure: check.onFailure,
});
