import type { EnvironmentConfig } from '../../config/schema.ts';
import type { Layout } from '../addressing.ts';
import type { FirewallContext, NamedHost } from '../contexts.ts';
import type { Ends } from '../flows.ts';
import type { Flow, HostPlan, ImageName, SecretPlan, VirtualAddress } from '../model.ts';
import type { BrokerSite } from './topology.ts';

/** What a topology adds whose hosts take turns at one broker, as a cluster manager decides. */
export interface ManagedCluster {
  readonly image: ImageName;
  packages(config: EnvironmentConfig): readonly string[];
  /** In the order of their start; the last one returns once the cluster manager has its orders. */
  units(config: EnvironmentConfig): readonly string[];
  readonly kernelModules: readonly string[];
  /** What has a host take up secrets that have changed, whether it has the broker or not. */
  readonly renew: string;
  /** The broker, wherever it runs: what clients and balancers are led to. */
  service(config: EnvironmentConfig, layout: Layout): BrokerSite;
  /** Of the broker. */
  virtualAddress(config: EnvironmentConfig, layout: Layout): VirtualAddress;
  /** Unit that has the disk ready for the cluster manager. */
  readonly diskUnit: string;
  /** Whether one of its hosts may take the power of the others away. */
  fences(config: EnvironmentConfig): boolean;
  /** Its hosts without a broker, as the others name them. */
  names(config: EnvironmentConfig, layout: Layout): readonly NamedHost[];
  secrets(config: EnvironmentConfig): readonly SecretPlan[];
  flows(config: EnvironmentConfig, ends: Ends): readonly Flow[];
  /** Hosts that hold no broker. @param firewall what a host with the role `quorum` lets through */
  hosts(config: EnvironmentConfig, layout: Layout, firewall: FirewallContext): readonly HostPlan[];
}
