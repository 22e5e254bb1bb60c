import { balancerSeat } from '../../seats.ts';
import { hostOf, type HostParts } from '../../host.ts';
import type { HostPlan } from '../../model.ts';
import { certificateFiles } from '../../tls.ts';
import type { FrontEndSite } from '../front-end.ts';
import { balancerName, type BalancerIndex, namedBalancers } from './index.ts';

/** What one front end puts onto a balancer, besides what every host has. */
export type BalancerParts = Omit<HostParts, 'name' | 'role' | 'seat' | 'hosts' | 'labels'>;

/** One of the two hosts that pass addresses between them. */
export function balancerHost(
  site: FrontEndSite,
  index: BalancerIndex,
  parts: BalancerParts,
): HostPlan {
  const { config, layout, brokers } = site;
  return hostOf(config, {
    ...parts,
    name: balancerName(index),
    role: 'balancer',
    seat: balancerSeat(layout, index),
    hosts: [
      ...brokers.map(({ name, fqdn, address }) => ({ name, fqdn, address })),
      ...namedBalancers(site),
    ],
    files: [...certificateFiles(config), ...parts.files],
    // Nothing of the topology: a swap must leave balancers in place.
    labels: { frontEnd: config.frontEnd },
  });
}
