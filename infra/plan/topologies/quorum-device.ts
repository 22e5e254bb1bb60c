import type { EnvironmentConfig } from '../../config/schema.ts';
import { type Layout } from '../addressing.ts';
import { quorumSeat } from '../seats.ts';
import { commonFiles, commonUnits, environmentFacts, noContext, packagesOf } from '../common.ts';
import type { FirewallContext, NamedHost } from '../contexts.ts';
import { restart, templateFile } from '../files.ts';
import type { HostPlan } from '../model.ts';
import { exportersOf } from '../monitoring/exporters.ts';

export const quorumName = 'quorum';
const unit = 'corosync-qnetd.service';
/** It holds a table of who is connected. */
export const quorumMemoryMiB = 256;
const rootDiskGiB = 4;

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
  const seat = quorumSeat(layout);
  const fqdn = `${quorumName}.${config.domain}`;
  const roles = ['quorum'] as const;
  const exporters = exportersOf('quorum', config);
  const packages = packagesOf(config, ['corosync-qnetd', ...exporters.packages]);
  const units = [...commonUnits, unit, ...exporters.units];
  const host = {
    ...environmentFacts(config),
    host: quorumName,
    fqdn,
    roles,
    zone: seat.zone,
    address: seat.address,
    packages,
    units,
    secrets: [],
    hosts: [{ name: quorumName, fqdn, address: seat.address }],
    environment: [],
  };
  return [
    {
      name: quorumName,
      fqdn,
      roles,
      ...seat,
      release: 'trixie',
      image: 'trixie',
      memoryMiB: quorumMemoryMiB,
      diskGiB: rootDiskGiB,
      packages,
      units,
      volumes: [],
      kernelModules: [],
      secrets: [],
      onSecretsChange: 'none',
      files: [
        ...commonFiles(host, firewall),
        templateFile('quorum/etc/default/corosync-qnetd', noContext, { onChange: restart(unit) }),
        ...exporters.files,
      ],
      labels: { topology: config.topology },
    },
  ];
}
