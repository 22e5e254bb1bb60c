import type { TopologyName } from '../../config/names.ts';
import { mirroredCluster } from './mirrored-cluster.ts';
import { quorumCluster } from './quorum-cluster.ts';
import type { Topology } from './topology.ts';
import { warren } from './warren.ts';

/** Every topology by its name in the config; a new one is added here and in config/names.ts. */
export const topologyModules: Readonly<Record<TopologyName, Topology>> = {
  'quorum-cluster': quorumCluster,
  'mirrored-cluster': mirroredCluster,
  warren,
};
