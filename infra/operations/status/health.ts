import { clusterTroubles } from '../cluster/status.ts';
import { expiring } from './certificates.ts';
import { mirrorTroubles } from './mirrors.ts';
import type { EnvironmentStatus, StatusReport } from './model.ts';

export type Health = 'healthy' | 'degraded' | 'down';

/** Down: no host or no broker serves. Degraded: anything is not as it should be or not known. */
export function healthOf({ status, warnings }: StatusReport): Health {
  if (!status.brokers.some(({ running }) => running)) return 'down';
  return troubles(status).length === 0 && warnings.length === 0 ? 'healthy' : 'degraded';
}

/** What is not as it should be, one clause each. */
export function troubles(status: EnvironmentStatus): string[] {
  const balanced = status.hosts.some(({ roles }) => roles.includes('balancer'));
  return [
    ...(status.hosts.length === 0 ? ['it is not up: it has no hosts'] : []),
    ...status.hosts
      .filter(({ state }) => state !== 'running')
      .map(({ name, state }) => `host ${name} is ${state}`),
    ...(balanced && status.vipHolder === null ? ['nobody holds the virtual address'] : []),
    ...status.brokers.flatMap(({ name, running, alarms, partitions }) => [
      ...(running ? [] : [`broker ${name} is not running`]),
      ...(alarms.length === 0 ? [] : [`broker ${name} has alarms: ${alarms.join(', ')}`]),
      ...(partitions.length === 0 ? [] : [`broker ${name} has lost ${partitions.join(', ')}`]),
    ]),
    ...(status.cluster === undefined ? [] : clusterTroubles(status.cluster)),
    ...expiring(status).expired,
    ...mirrorTroubles(status),
    ...status.backends
      .filter(({ state }) => !isServing(state))
      .map(
        ({ balancer, backend, server, state }) => `${balancer}: ${backend}/${server} is ${state}`,
      ),
  ];
}

/** `UP`, also on its way down (`UP 1/2`), and `no check`; not `DOWN`, `MAINT`, `DRAIN`, `NOLB`. */
export const isServing = (state: string): boolean => /^(UP\b|no check)/.test(state);
