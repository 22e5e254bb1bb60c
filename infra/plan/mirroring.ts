import type { MirroredClusterConfig } from '../config/mirrored-cluster.ts';
import type { MirroringDefinition, MirroringPolicy } from './contexts.ts';

/** Name of the kit's own policy, in each virtual host. */
export const mirroringPolicyName = 'rabbitmq-ha-kit.mirroring';

/**
 * What nodes do when the network splits. The half of an even number is no majority: with
 * pause_minority the loss of one broker of two would stop the other one too.
 */
export const defaultPartitionHandling = (brokers: number): 'pause_minority' | 'autoheal' =>
  brokers % 2 === 1 ? 'pause_minority' : 'autoheal';

/** Copies of a queue unless stated: on the majority of the brokers, its master included. */
export const majority = (brokers: number): number => Math.floor(brokers / 2) + 1;

/** The policy as RabbitMQ knows it; names of brokers become names of nodes. */
export function mirroringPolicy(
  { brokers, policy }: MirroredClusterConfig,
  sites: readonly { readonly name: string; readonly nodeName: string }[],
): MirroringPolicy {
  const nodes = new Map(sites.map(({ name, nodeName }) => [name, nodeName]));
  const { haParams } = policy;
  const named = typeof haParams === 'object' ? haParams.map((name) => nodes.get(name) ?? name) : [];
  const copies = typeof haParams === 'number' ? haParams : majority(brokers);
  const params: Record<typeof policy.haMode, Pick<MirroringDefinition, 'ha-params'>> = {
    all: {},
    exactly: { 'ha-params': copies },
    nodes: { 'ha-params': named },
  };
  return {
    pattern: policy.pattern,
    'apply-to': policy.applyTo,
    priority: policy.priority,
    definition: {
      'ha-mode': policy.haMode,
      ...params[policy.haMode],
      'ha-sync-mode': policy.haSyncMode,
      'ha-sync-batch-size': policy.haSyncBatchSize,
      'ha-promote-on-failure': policy.haPromoteOnFailure,
      'ha-promote-on-shutdown': policy.haPromoteOnShutdown,
    },
  };
}
