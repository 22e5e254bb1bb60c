import type { EnvironmentConfig } from '../config/schema.ts';
import { commonFiles, commonUnits, environmentFacts, packagesOf } from './common.ts';
import type { FirewallContext, HostContext } from './contexts.ts';
import type { FilePlan, HostPlan, Role } from './model.ts';
import { exportersOf } from './monitoring/exporters.ts';
import type { Seat } from './seats.ts';

/** The system and its logs; what a host must keep is on a volume. */
const rootDiskGiB = 4;

/** What makes a host what it is; all that is left out is as on most hosts. */
export interface HostParts extends Partial<
  Pick<
    HostPlan,
    'release' | 'image' | 'volumes' | 'kernelModules' | 'secrets' | 'fences' | 'onSecretsChange'
  >
> {
  readonly name: string;
  readonly role: Role;
  readonly seat: Seat;
  readonly memoryMiB: number;
  /** Beside those of every host, and of monitoring. */
  readonly packages: readonly string[];
  readonly units: readonly string[];
  readonly files: readonly FilePlan[];
  readonly firewall: FirewallContext;
  /** Whom it can name, itself among them. */
  readonly hosts: HostContext['hosts'];
  /** Lines of its host.env beside those of every host. */
  readonly environment?: HostContext['environment'];
  readonly labels: HostPlan['labels'];
}

/** A host with what every host has: names, firewall, boot and, where it is asked for, exporters. */
export function hostOf(config: EnvironmentConfig, parts: HostParts): HostPlan {
  const { name, role, seat, firewall, hosts, environment = [], ...own } = parts;
  const { secrets = [] } = own;
  const roles = [role];
  const fqdn = `${name}.${config.domain}`;
  const exporters = exportersOf(role, config);
  const packages = packagesOf(config, [...own.packages, ...exporters.packages]);
  const units = [...commonUnits, ...own.units, ...exporters.units];
  const { zone, address } = seat;
  const context: HostContext = {
    ...environmentFacts(config),
    ...{ host: name, fqdn, roles, zone, address, packages, units, secrets, hosts, environment },
  };
  return {
    release: 'trixie',
    image: 'trixie',
    diskGiB: rootDiskGiB,
    volumes: [],
    kernelModules: [],
    onSecretsChange: 'none',
    ...own,
    ...{ name, fqdn, roles, packages, units, secrets },
    ...seat,
    files: [...commonFiles(context, firewall), ...own.files, ...exporters.files],
  };
}
