import * as pulumi from './pulumi.ts';
import { RabbitmqEnvironment } from './components/rabbitmq-environment.ts';
import { withShownErrors } from './components/shown-errors.ts';
import { passwordsAmong } from './config/definitions/passwords.ts';
import { loadEnvironment } from './config/load.ts';
import { secretSources } from './config/secret-sources.ts';

/** The Pulumi program: loads the stack's config, builds the environment, returns the stack's outputs. */
export default function program() {
  const settings = new pulumi.Config('rabbitmq-ha-kit');
  const checked = withShownErrors(() => {
    const config = loadEnvironment(
      settings.getObject('environment'),
      settings.getObject('override'),
      pulumi.getStack(),
      passwordsAmong(Object.keys(pulumi.allConfig()), pulumi.isConfigSecret),
    );
    return { config, sources: secretSources(settings, config.tls) };
  });
  const environment = new RabbitmqEnvironment('environment', checked);
  const { endpoints, servers, balancer, hosts, caCertificate } = environment;
  const { amqpUri, amqpUris, managementUri, statisticsUri, users } = environment;
  const outputs = {
    endpoints,
    servers,
    balancer,
    hosts,
    caCertificate,
    amqpUri,
    amqpUris,
    managementUri,
    statisticsUri,
    users,
  };
  // Not every front end has all of them.
  return Object.fromEntries(Object.entries(outputs).filter(([, output]) => output !== undefined));
}
