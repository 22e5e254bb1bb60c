import type { EnvironmentConfig } from '../../config/schema.ts';
import type { Layout } from '../addressing.ts';
import type { FirewallContext, NamedHost } from '../contexts.ts';
import type { Ends } from '../flows.ts';
import type { EndpointPlan, Flow, HostPlan, SecretPlan, VirtualAddress } from '../model.ts';
import type { BrokerSite } from '../topologies/topology.ts';

/** What stands between clients and brokers. It sees brokers only as servers to send clients to. */
export interface FrontEnd {
  /** Ranges that its hosts answer on besides their role's own, e.g. a VIP. */
  ranges(layout: Layout): readonly string[];
  /** Its hosts by name, for /etc/hosts; empty when it has none. */
  names(config: EnvironmentConfig, layout: Layout): readonly NamedHost[];
  hosts(input: FrontEndInput): readonly HostPlan[];
  flows(config: EnvironmentConfig, ends: Ends): readonly Flow[];
  secrets(config: EnvironmentConfig): readonly SecretPlan[];
  endpoints(config: EnvironmentConfig, layout: Layout): readonly EndpointPlan[];
  virtualAddresses(config: EnvironmentConfig, layout: Layout): readonly VirtualAddress[];
}

export interface FrontEndInput {
  readonly config: EnvironmentConfig;
  readonly layout: Layout;
  readonly brokers: readonly BrokerSite[];
  readonly firewall: FirewallContext;
}
