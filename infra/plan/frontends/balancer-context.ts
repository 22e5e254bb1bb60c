import type { BalancingConfig, EnvironmentConfig } from '../../config/schema.ts';
import { balancerSeat, type Layout, mechanismOf } from '../addressing.ts';
import { type Listener, listenersOf } from '../listeners.ts';
import { metricsPorts } from '../monitoring/exporters.ts';
import { tlsContext } from '../tls.ts';
import type { BrokerSite } from '../topologies/topology.ts';
import type { BalancedServer, BalancedService, BalancerContext, VrrpContext } from './contexts.ts';

/** Position of a balancer: the first is preferred by VRRP. */
export type BalancerIndex = 0 | 1;

/** Name of every rig host's only interface. */
const networkInterface = 'eth0';
/** Alone, so that a balancer never opens connections from an address that may leave it. */
const virtualPrefixLength = 32;

/** Everything that HAProxy and Keepalived of one balancer print. */
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
    vrrp: vrrpContext(index, settings.vrrp, layout, mechanism === 'announced'),
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

function vrrpContext(
  index: BalancerIndex,
  vrrp: BalancingConfig['vrrp'],
  layout: Layout,
  announced: boolean,
): VrrpContext {
  const other: BalancerIndex = index === 0 ? 1 : 0;
  return {
    version: vrrp.version,
    interface: announced ? networkInterface : undefined,
    // Nobody asks for it by ARP, and what manages the interface leaves this one alone.
    carrier: announced ? undefined : 'lo',
    moved: !announced,
    routerId: vrrp.routerId,
    initialState: vrrp.preempt && index === 0 ? 'MASTER' : 'BACKUP',
    priority: index === 0 ? vrrp.priorities.first : vrrp.priorities.second,
    preempt: vrrp.preempt,
    advertSeconds: vrrp.advertInterval / 1000,
    peers: [balancerSeat(layout, other).address],
    virtualAddress: layout.virtualAddress,
    prefixLength: virtualPrefixLength,
    passwordAuthentication: vrrp.passwordAuthentication,
    check: {
      intervalSeconds: vrrp.check.interval / 1000,
      timeoutSeconds: (vrrp.check.timeout ?? vrrp.check.interval) / 1000,
      rise: vrrp.check.rise,
      fall: vrrp.check.fall,
      weight: vrrp.check.weight,
      onFailure: vrrp.check.onFailure,
    },
  };
}
