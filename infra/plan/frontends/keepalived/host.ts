import { balancerSeat } from '../../seats.ts';
import { commonFiles, commonUnits, environmentFacts, packagesOf } from '../../common.ts';
import type { FirewallContext, HostContext } from '../../contexts.ts';
import type { FilePlan, HostPlan, Reaction } from '../../model.ts';
import { exportersOf } from '../../monitoring/exporters.ts';
import { certificateFiles } from '../../tls.ts';
import type { FrontEndSite } from '../front-end.ts';
import { balancerName, type BalancerIndex, namedBalancers } from './index.ts';

/** What one front end puts onto a balancer, besides what every host has. */
export interface BalancerParts {
  readonly firewall: FirewallContext;
  readonly packages: readonly string[];
  readonly units: readonly string[];
  readonly kernelModules: readonly string[];
  readonly memoryMiB: number;
  readonly secrets: readonly string[];
  readonly onSecretsChange: Reaction;
  readonly environment: HostContext['environment'];
  readonly files: readonly FilePlan[];
}

const rootDiskGiB = 4;

/** One of the two hosts that pass addresses between them. */
export function balancerHost(
  site: FrontEndSite,
  index: BalancerIndex,
  parts: BalancerParts,
): HostPlan {
  const { config, layout, brokers } = site;
  const name = balancerName(index);
  const fqdn = `${name}.${config.domain}`;
  const seat = balancerSeat(layout, index);
  const roles = ['balancer'] as const;
  const { secrets, kernelModules, memoryMiB, onSecretsChange } = parts;
  const exporters = exportersOf('balancer', config);
  const packages = packagesOf(config, [...parts.packages, ...exporters.packages]);
  const units = [...commonUnits, ...parts.units, ...exporters.units];
  const host = {
    ...environmentFacts(config),
    host: name,
    fqdn,
    roles,
    zone: seat.zone,
    address: seat.address,
    packages,
    units,
    secrets,
    hosts: [
      ...brokers.map((broker) => ({
        name: broker.name,
        fqdn: broker.fqdn,
        address: broker.address,
      })),
      ...namedBalancers(site),
    ],
    environment: parts.environment,
  };
  return {
    name,
    fqdn,
    roles,
    ...seat,
    release: 'trixie',
    image: 'trixie',
    memoryMiB,
    diskGiB: rootDiskGiB,
    packages,
    units,
    volumes: [],
    kernelModules,
    secrets,
    onSecretsChange,
    files: [
      ...commonFiles(host, parts.firewall),
      ...certificateFiles(config),
      ...parts.files,
      ...exporters.files,
    ],
    // Nothing of the topology: a swap must leave balancers in place.
    labels: { frontEnd: config.frontEnd },
  };
}
