import * as pulumi from '../pulumi.ts';
import type { EnvironmentConfig } from '../config/schema.ts';
import type { EndpointPlan, EnvironmentPlan } from '../plan/model.ts';
import { planEnvironment } from '../plan/environment.ts';
import { renderEnvironment } from '../render/environment.ts';
import { createOnRig, type EnvironmentOutputs } from '../rig/environment.ts';

export interface HostOutput {
  readonly name: string;
  readonly roles: readonly string[];
  readonly zone: string;
  readonly address: string;
}

/**
 * A whole RabbitMQ environment on the target that its config names: planned, rendered, created.
 * Token `kit:index:RabbitmqEnvironment`.
 */
export class RabbitmqEnvironment extends pulumi.ComponentResource {
  /** URL of each service by name: `amqp`, `management`, `statistics`; without credentials. */
  readonly endpoints: pulumi.Output<Record<string, string>>;
  /** `amqp://user:password@host:port/` of the application user; secret. */
  readonly amqpUri: pulumi.Output<string>;
  /** `http://user:password@host:port/` of the administrator; secret. */
  readonly managementUri: pulumi.Output<string>;
  /** HAProxy's statistics page with its login; secret. */
  readonly statisticsUri: pulumi.Output<string>;
  readonly hosts: readonly HostOutput[];

  constructor(name: string, config: EnvironmentConfig, opts?: pulumi.ComponentResourceOptions) {
    super('kit:index:RabbitmqEnvironment', name, {}, opts);
    const plan = planEnvironment(config);
    const outputs = createOnRig(plan, renderEnvironment(plan), this);

    this.endpoints = outputs.addresses.apply((addresses) =>
      Object.fromEntries(plan.endpoints.map((end) => [end.name, urlOf(end, addresses)])),
    );
    this.amqpUri = uriOf(plan, outputs, 'amqp');
    this.managementUri = uriOf(plan, outputs, 'management');
    this.statisticsUri = uriOf(plan, outputs, 'statistics');
    this.hosts = plan.hosts.map(({ name: host, roles, zone, address }) => ({
      name: host,
      roles,
      zone,
      address,
    }));
    this.registerOutputs({
      endpoints: this.endpoints,
      amqpUri: this.amqpUri,
      managementUri: this.managementUri,
      statisticsUri: this.statisticsUri,
      hosts: this.hosts,
    });
  }
}

function urlOf(end: EndpointPlan, addresses: Record<string, string>): string {
  const address = addresses[end.name];
  if (address === undefined) throw new Error(`the target gave endpoint ${end.name} no address`);
  return `${end.scheme}://${address}${end.path}`;
}

/** The endpoint's URL with the login of the user that it is meant for. */
function uriOf(
  plan: EnvironmentPlan,
  outputs: EnvironmentOutputs,
  name: EndpointPlan['name'],
): pulumi.Output<string> {
  const end = plan.endpoints.find((endpoint) => endpoint.name === name);
  if (end === undefined) throw new Error(`the plan has no endpoint ${name}`);
  const password = outputs.secrets[end.login.secret];
  if (password === undefined) throw new Error(`the plan has no secret ${end.login.secret}`);
  return pulumi.secret(
    pulumi.all([outputs.addresses, password]).apply(([addresses, value]) => {
      const url = new URL(urlOf({ ...end, path: end.path || '/' }, addresses));
      url.username = end.login.user;
      url.password = value;
      return url.href;
    }),
  );
}
