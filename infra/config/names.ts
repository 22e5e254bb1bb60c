/** Names that both the config and the registries of the plan use. */
export const targets = ['rig', 'aws'] as const;
export const topologies = [
  'quorum-cluster',
  'mirrored-cluster',
  'warren',
  'drbd-pacemaker',
] as const;
export const frontEnds = [
  'haproxy-keepalived',
  'lvs-keepalived',
  'direct',
  'external',
  'nlb',
  'pacemaker-vip',
] as const;
/** What the rig makes hosts as. */
export const hostKinds = ['auto', 'container', 'machine'] as const;
export const profiles = ['fast', 'seed'] as const;

/** How a virtual address moves on aws. */
export const mechanisms = ['overlay', 'secondary-ip', 'elastic-ip'] as const;

export type TopologyName = (typeof topologies)[number];
export type FrontEndName = (typeof frontEnds)[number];
export type MechanismName = (typeof mechanisms)[number];
export type ProfileName = (typeof profiles)[number];

/** Largest quorum cluster: beyond seven members each write waits for too many. */
export const maxClusterSize = 7;
