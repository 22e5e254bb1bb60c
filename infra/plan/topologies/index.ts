import type { TopologyName } from '../../config/names.ts';
import { drbdPacemaker } from './drbd-pacemaker.ts';
import { mirroredCluster } from './mirrored-cluster.ts';
import { quorumCluster } from './quorum-cluster.ts';
import type { Topology } from './topology.ts';
import { warren } from './warren.ts';

/** Every topology by its name in the config; a new one is added here and in config/names.ts. */
export const topologyModules: Readonly<Record<TopologyName, Topology>> = {
  'quorum-cluster': quorumCluster,
  'mirrored-cluster': mirroredCluster,
  warren,
  'drbd-pacemaker': drbdPacemaker,
};

/** Whether brokers of a topology, e.g. as a host's label names it, mirror queues. */
export const mirrorsQueues = (topology: string): boolean =>
  Object.entries(topologyModules).some(
    ([name, module]) => name === topology && module.mirroring !== undefined,
  );
