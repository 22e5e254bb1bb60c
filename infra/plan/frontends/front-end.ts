import type { EnvironmentConfig } from '../../config/schema.ts';
import type { Layout } from '../addressing.ts';
import type { LoadBalancerPlan } from '../aws.ts';
import type { FirewallContext, NamedHost } from '../contexts.ts';
import type { Ends } from '../flows.ts';
import type {
  EndpointPlan,
  ExternalBalancer,
  FilePlan,
  Flow,
  HostPlan,
  SecretPlan,
  VirtualAddress,
} from '../model.ts';
import type { BrokerSite } from '../topologies/topology.ts';

/**
 * What stands between clients and brokers. It sees brokers only as servers to send clients to, and
 * says where clients connect: at an address of its own, or at the brokers themselves.
 */
export interface FrontEnd {
  /** Ranges that its hosts answer on besides their role's own, e.g. a VIP. */
  ranges(site: FrontEndSite): readonly string[];
  /** Its hosts by name, for /etc/hosts; empty when it has none. */
  names(site: FrontEndSite): readonly NamedHost[];
  /** @param firewall what a host with the role `balancer` lets through */
  hosts(site: FrontEndSite, firewall: FirewallContext): readonly HostPlan[];
  flows(site: FrontEndSite, ends: Ends): readonly Flow[];
  secrets(site: FrontEndSite): readonly SecretPlan[];
  /** `amqp` and `management` at least. */
  endpoints(site: FrontEndSite): readonly EndpointPlan[];
  virtualAddresses(site: FrontEndSite): readonly VirtualAddress[];
  /** What every broker needs to be a server of this front end; the same for all of them. */
  realServer?(site: FrontEndSite): RealServer;
  /** Only where a balancer is expected that the kit does not make. */
  externalBalancer?(site: FrontEndSite): ExternalBalancer;
  /** Only where AWS stands in front of the brokers itself. */
  loadBalancers?(site: FrontEndSite): readonly LoadBalancerPlan[];
}

/** What a front end adds to brokers, to be taken up and undone while they run. */
export interface RealServer {
  readonly files: readonly FilePlan[];
  /** Before that of the broker. */
  readonly units: readonly string[];
  readonly kernelModules: readonly string[];
}

/** What a front end is planned from. */
export interface FrontEndSite {
  readonly config: EnvironmentConfig;
  readonly layout: Layout;
  readonly brokers: readonly BrokerSite[];
}
