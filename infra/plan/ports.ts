/** Ports of the brokers; the balancers serve the first four under the same numbers. */
export const brokerPorts = {
  amqp: 5672,
  management: 15_672,
  amqps: 5671,
  managementTls: 15_671,
  epmd: 4369,
  distribution: 25_672,
} as const;

/**
 * Where `rabbitmqctl` on one broker listens while others answer it: a list of queues, for example, is
 * sent by every broker that leads some. One port a command that runs at the same time.
 */
export const commandPorts = [35_672, 35_673, 35_674, 35_675] as const;
