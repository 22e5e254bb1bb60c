import * as pulumi from './pulumi.ts';
import { RabbitmqEnvironment } from './components/rabbitmq-environment.ts';
import { loadEnvironment } from './config/load.ts';
import { secretSources } from './config/secret-sources.ts';

const settings = new pulumi.Config('rabbitmq-ha-kit');
const config = loadEnvironment(
  settings.getObject('environment'),
  settings.getObject('override'),
  pulumi.getStack(),
);

const environment = new RabbitmqEnvironment(
  'environment',
  config,
  secretSources(settings, config.tls),
);

export const { endpoints, servers, balancer, hosts, caCertificate } = environment;
export const { amqpUri, amqpUris, managementUri, statisticsUri } = environment;
