/** Ports of the brokers; the balancers serve the first two under the same numbers. */
export const brokerPorts = {
  amqp: 5672,
  management: 15_672,
  epmd: 4369,
  distribution: 25_672,
} as const;
