/** Ports of the brokers; the balancers serve the first four under the same numbers. */
export const brokerPorts = {
  amqp: 5672,
  management: 15_672,
  amqps: 5671,
  managementTls: 15_671,
  epmd: 4369,
  distribution: 25_672,
} as const;

/** Where a broker's host says whether its data has been in a cluster, also while the broker is down. */
export const membershipPort = 25_673;

/** What hosts that share a broker say to each other and to their quorum device. */
export const clusterPorts = { corosync: 5405, quorumDevice: 5403, drbd: 7788 } as const;

/**
 * Where `rabbitmqctl` on one broker listens while others answer it: a list of queues, for example, is
 * sent by every broker that leads some. One port a command that runs at the same time.
 */
export const commandPorts = [35_672, 35_673, 35_674, 35_675] as const;

/**
 * Where replicas of streams take in what the writer sends, one port a replica; RabbitMQ's own range.
 */
export const streamPorts: readonly number[] = Array.from({ length: 500 }, (_, i) => 6000 + i);

/** `4369`, `6000-6499`: as firewalls and people write ports. */
export function portRanges(ports: readonly number[]): string[] {
  const ranges: { first: number; last: number }[] = [];
  for (const port of ports.toSorted((a, b) => a - b)) {
    const open = ranges.at(-1);
    if (open !== undefined && port <= open.last + 1) open.last = port;
    else ranges.push({ first: port, last: port });
  }
  return ranges.map(({ first, last }) => (first === last ? String(first) : `${first}-${last}`));
}

/** Where LVS directors tell each other of connections; both are the kernel's own. */
export const syncGroup = '224.0.0.81';
export const syncPort = 8848;

/** What clients connect from, wherever their system takes such ports. */
export const clientPorts: readonly number[] = Array.from({ length: 64_512 }, (_, i) => 1024 + i);
