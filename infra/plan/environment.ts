import type { EnvironmentConfig } from '../config/schema.ts';
import { layOut } from './addressing.ts';
import { onAws } from './aws/files.ts';
import { awsFlows } from './aws/flows.ts';
import { planAws, settledOnAws } from './aws/plan.ts';
import { brokerHosts } from './brokers.ts';
import { planDefinitions, userSecrets } from './definitions.ts';
import { firewallOf } from './firewall.ts';
import { brokerFlows, endsOf, pingFlows } from './flows.ts';
import { transportsOf } from './listeners.ts';
import { frontEndModules } from './frontends/index.ts';
import type { EnvironmentPlan, SecretPlan } from './model.ts';
import { tlsSecrets } from './tls.ts';
import { monitoringFlows } from './monitoring/exporters.ts';
import { monitorHosts, monitoringEndpoints } from './monitoring/monitor.ts';
import { topologyModules } from './topologies/index.ts';

/** Everything about one environment, from its config alone. Time is linear in hosts. */
export function planEnvironment(config: EnvironmentConfig): EnvironmentPlan {
  const topology = topologyModules[config.topology];
  const frontEnd = frontEndModules[config.frontEnd];
  const layout = layOut(config);
  const { networks } = layout;
  const brokers = topology.brokers(config, layout);
  const { managed } = topology;
  const served = managed === undefined ? brokers : [managed.service(config, layout)];
  const site = { config, layout, brokers: served };
  const balancers = frontEnd.names(site);
  const ends = endsOf(config, layout, frontEnd.ranges(site));
  const voters = managed?.names(config, layout) ?? [];
  const endpoints = frontEnd.endpoints(site);
  const flows = [
    ...frontEnd.flows(site, ends),
    ...brokerFlows(config, ends, topology.clustered),
    ...(managed?.flows(config, ends) ?? []),
    ...monitoringFlows(config, ends, {
      balancers: balancers.length > 0,
      quorum: voters.length > 0,
    }),
    ...pingFlows([
      ends.brokers,
      ...(balancers.length > 0 ? [ends.balancers] : []),
      ...(config.monitoring.enabled ? [ends.monitors] : []),
      ...(voters.length > 0 ? [ends.quorum] : []),
    ]),
    ...awsFlows(config, layout, [
      ends.brokers,
      ...(balancers.length > 0 ? [ends.balancers] : []),
      ...(config.monitoring.enabled ? [ends.monitors] : []),
      ...(voters.length > 0 ? [ends.quorum] : []),
    ]),
  ];
  const quorum = managed?.hosts(config, layout, firewallOf('quorum', flows)) ?? [];
  const serving = [
    ...brokerHosts({
      config,
      topology,
      layout,
      brokers,
      balancers,
      firewall: firewallOf('broker', flows),
      realServer: frontEnd.realServer?.(site),
    }),
    // Brokers may not do without it.
    ...quorum,
    ...frontEnd.hosts(site, firewallOf('balancer', flows)),
  ];
  const virtualAddresses = [
    ...frontEnd.virtualAddresses(site),
    ...(managed === undefined ? [] : [managed.virtualAddress(config, layout)]),
  ];
  const watched = { brokers: served, moving: managed !== undefined, hosts: serving };
  const hosts = onAws(
    config,
    layout,
    [...serving, ...monitorHosts(config, layout, watched, firewallOf('monitor', flows))],
    virtualAddresses,
  );
  const loadBalancers = frontEnd.loadBalancers?.(site) ?? [];
  return {
    stack: config.stack,
    target: config.target,
    topology: config.topology,
    frontEnd: config.frontEnd,
    clustered: topology.clustered,
    oneBroker: managed !== undefined,
    settled: {
      domain: config.domain,
      // What stands in front may have subnets of its own on aws.
      network: (config.target === 'aws' ? layout.zones : networks)
        .map(({ name, cidr }) => `${name} ${cidr}`)
        .join(', '),
      // Nodes with and nodes without TLS between them do not understand each other.
      'tls.betweenNodes': String(config.tls.betweenNodes),
      // Where brokers are, and so their addresses.
      'network.placement': config.network.placement,
      ...settledOnAws(config, virtualAddresses),
      ...topology.settled(config),
    },
    transports: transportsOf(config.tls),
    domain: config.domain,
    networks,
    hosts,
    flows,
    secrets: [
      ...brokerSecrets,
      ...tlsSecrets(config, brokers, served, endpoints),
      ...(managed?.secrets(config) ?? []),
      ...frontEnd.secrets(site),
      ...userSecrets(config),
    ],
    definitions: planDefinitions(config, brokers),
    endpoints: [...endpoints, ...monitoringEndpoints(config, layout)],
    virtualAddresses,
    localPorts: config.rig.ports,
    rig: { hostKind: config.rig.hostKind, cpus: config.rig.cpus },
    externalBalancer: frontEnd.externalBalancer?.(site),
    aws: planAws({ config, layout, hosts, virtualAddresses, loadBalancers }),
  };
}

const brokerSecrets: readonly SecretPlan[] = [
  {
    name: 'erlang-cookie',
    kind: 'erlang-cookie',
    why: 'lets nodes and command-line tools speak to a broker',
  },
  { name: 'administrator-password', kind: 'password', why: 'management as administrator' },
  { name: 'application-password', kind: 'password', why: 'AMQP as application' },
];
