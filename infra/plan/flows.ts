import type { EnvironmentConfig } from '../config/schema.ts';
import type { Layout } from './addressing.ts';
import type { Flow, FlowEnd, Role } from './model.ts';
import { listenersOf } from './listeners.ts';
import { brokerPorts, commandPorts, membershipPort, streamPorts } from './ports.ts';

/** The ends that flows of an environment run between. */
export interface Ends {
  readonly clients: FlowEnd;
  readonly brokers: FlowEnd;
  /** These, and brokers that they replace or that replace them. */
  readonly swapped: FlowEnd;
  readonly balancers: FlowEnd;
  readonly monitors: FlowEnd;
  readonly quorum: FlowEnd;
}

/** @param extraBalancerRanges what balancers answer on besides their own range, e.g. the VIP */
export function endsOf(
  config: EnvironmentConfig,
  layout: Layout,
  extraBalancerRanges: readonly string[],
): Ends {
  const role = (name: Role, extra: readonly string[] = []): FlowEnd => ({
    kind: 'role',
    role: name,
    ranges: [...layout.ranges[name], ...extra],
  });
  return {
    clients: { kind: 'outside', name: 'clients', ranges: clientRanges(config, layout) },
    brokers: role('broker'),
    swapped: role('broker', layout.otherBrokers),
    balancers: role('balancer', extraBalancerRanges),
    monitors: role('monitor'),
    quorum: role('quorum'),
  };
}

function clientRanges({ target, network }: EnvironmentConfig, layout: Layout): readonly string[] {
  if (target === 'aws') return network.clients.length > 0 ? network.clients : [network.cidr];
  // On the rig, endpoints on this machine are forwarded from the router.
  return [...layout.networks.map(({ gateway }) => `${gateway}/32`), ...network.clients];
}

/** What brokers say to each other, whatever stands in front of them. */
export function brokerFlows(
  { tls }: EnvironmentConfig,
  { brokers, swapped }: Ends,
  clustered: boolean,
): Flow[] {
  const between = (ports: readonly number[], why: string, ends = brokers): Flow => ({
    from: ends,
    to: ends,
    protocol: 'tcp',
    ports,
    why,
  });
  return [
    ...(clustered
      ? [
          between([brokerPorts.epmd], 'node names of the cluster (epmd)'),
          between([brokerPorts.distribution], 'Erlang distribution of the cluster'),
          between([membershipPort], 'whether data has been in the cluster'),
          between(commandPorts, 'answers of other brokers to rabbitmqctl'),
          between(streamPorts, 'copies of streams'),
        ]
      : []),
    ...listenersOf(tls).map(({ protocol, port }) =>
      protocol === 'amqp'
        ? between([port], 'shovels that drain one broker into another', swapped)
        : between([port], 'definitions and queue state of the other side', swapped),
    ),
  ];
}

/** Path MTU and reachability inside the environment. */
export const pingFlows = (ends: readonly FlowEnd[]): Flow[] =>
  ends.flatMap((from) =>
    ends.map((to): Flow => ({
      from,
      to,
      protocol: 'icmp',
      ports: [],
      why: 'reachability and path MTU',
    })),
  );
