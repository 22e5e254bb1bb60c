/** What programs of others may build on: `import { RabbitmqEnvironment } from 'rabbitmq-ha-kit'`. */
export { RabbitmqEnvironment, type HostOutput } from './components/rabbitmq-environment.ts';
export type { EnvironmentArgs, RabbitmqEnvironmentArgs } from './components/args.ts';
export type { ServerOutput } from './components/endpoint-outputs.ts';
export type { UserOutput } from './components/user-outputs.ts';
