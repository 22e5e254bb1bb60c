import type { EnvironmentConfig } from '../../config/schema.ts';
import { type Layout } from '../addressing.ts';
import { quorumSeat } from '../seats.ts';
import { noContext } from '../common.ts';
import type { FirewallContext, NamedHost } from '../contexts.ts';
import { restart, templateFile } from '../files.ts';
import { hostOf } from '../host.ts';
import type { HostPlan } from '../model.ts';

export const quorumName = 'quorum';
const unit = 'corosync-qnetd.service';
/** It holds a table of who is connected. */
export const quorumMemoryMiB = 256;

export const quorumNames = (config: EnvironmentConfig, layout: Layout): NamedHost[] =>
  config.drbdPacemaker.quorumDevice
    ? [
        {
          name: quorumName,
          fqdn: `${quorumName}.${config.domain}`,
          address: quorumSeat(layout).address,
        },
      ]
    : [];

/** The host whose vote says which of two hosts that lost each other goes on; none where nobody asks it. */
export function quorumHosts(
  config: EnvironmentConfig,
  layout: Layout,
  firewall: FirewallContext,
): HostPlan[] {
  if (!config.drbdPacemaker.quorumDevice) return [];
  return [
    hostOf(config, {
      name: quorumName,
      role: 'quorum',
      seat: quorumSeat(layout),
      memoryMiB: quorumMemoryMiB,
      packages: ['corosync-qnetd'],
      units: [unit],
      firewall,
      hosts: quorumNames(config, layout),
      files: [
        templateFile('quorum/etc/default/corosync-qnetd', noContext, { onChange: restart(unit) }),
      ],
      labels: { topology: config.topology },
    }),
  ];
}
