import { topologyModules } from '../../plan/topologies/index.ts';
import type { Problem } from '../problems.ts';
import type { EnvironmentConfig } from '../schema.ts';

/**
 * Rules on policies that a config defines: mirroring where there is none, and what takes its place.
 * `path` is where the policy stands in the config.
 */
type Keys = Readonly<Record<string, unknown>>;

/** @param definition of a policy, e.g. `{'ha-mode': 'all'}` */
export function mirroringPolicyProblems(
  config: EnvironmentConfig,
  path: string,
  definition: Keys,
): Problem[] {
  const topology = topologyModules[config.topology];
  if (topology.mirroring === undefined) {
    return Object.keys(definition)
      .filter((key) => key.startsWith('ha-'))
      .map((key) => ({
        path: `${path}.${key}`,
        what: 'is for mirrored queues, which RabbitMQ 4 does not have',
        value: JSON.stringify(definition[key]),
        allowed: 'no ha- keys; quorum queues keep copies on several brokers by themselves',
        fix: 'remove it, or choose topology: mirrored-cluster',
        related: ['topology'],
      }));
  }
  if (definition['ha-mode'] !== 'nodes') return [];
  const names = topology.shares?.(config).brokers ?? [];
  const nodes = names.map((name) => `rabbit@${name}.${config.domain}`);
  const params = definition['ha-params'];
  const given = Array.isArray(params) ? params.map(String) : [];
  const unknown = given.filter((node) => !nodes.includes(node));
  if (given.length > 0 && unknown.length === 0) return [];
  return [
    {
      path: `${path}.ha-params`,
      what: given.length === 0 ? 'names no node' : 'names nodes that the cluster does not have',
      value: JSON.stringify(given.length === 0 ? params : unknown),
      allowed: nodes.join(', '),
      fix: 'name these nodes, or set ha-mode: exactly with a number',
      related: ['mirroredCluster.brokers', 'domain'],
    },
  ];
}
