import {
  type FrontEndName,
  frontEnds,
  topologies,
  type TopologyName,
} from '../../infra/config/names.ts';

/** Front ends that any brokers can be behind, on the rig. */
export const forAnyBroker: readonly FrontEndName[] = ['haproxy-keepalived', 'direct', 'external'];

/** Whether the rig has that front end for that topology. */
export function goTogether(frontEnd: FrontEndName, topology: TopologyName): boolean {
  if (topology === 'drbd-pacemaker') {
    return ['haproxy-keepalived', 'pacemaker-vip'].includes(frontEnd);
  }
  // LVS knows no standby that gets clients back after a delay.
  if (frontEnd === 'lvs-keepalived') return topology !== 'warren';
  return forAnyBroker.includes(frontEnd);
}

/** Whether an address can move by that mechanism of EC2: none that one broker takes along is public. */
export const movesBy = (mechanism: string, topology: TopologyName): boolean =>
  topology !== 'drbd-pacemaker' || mechanism !== 'elastic-ip';

/** Every pair of the two that the rig has. */
export const rigPairs = topologies.flatMap((topology) =>
  frontEnds
    .filter((frontEnd) => goTogether(frontEnd, topology))
    .map((frontEnd) => ({ topology, frontEnd })),
);
