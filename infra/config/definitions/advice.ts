const temporary =
  'config defines queues and exchanges that are durable, shared and stay; what goes with a connection or a restart is for its client to declare, and no quorum queue or stream can be like that';
const mirrored =
  'since RabbitMQ 3.0 it mirrors nothing; quorum queues keep copies by themselves, and with topology mirrored-cluster mirroredCluster.policy mirrors classic ones';

/** Keys that people bring along from elsewhere, and what takes their place. */
const advice: Readonly<Record<string, string>> = {
  'x-ha-policy': mirrored,
  'x-ha-policy-params': mirrored,
  'x-queue-type': 'the field `type` beside the arguments says it',
  durable: temporary,
  exclusive: temporary,
  autoDelete: temporary,
  auto_delete: temporary,
  password_hash: 'passwords are generated, or given with `password: given`',
};

export const adviceOn = (key: string): string | undefined => advice[key];
