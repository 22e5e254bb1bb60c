import * as pulumi from '@pulumi/pulumi';
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
  readonly hosts: readonly HostOutput[];

  constructor(name: string, config: EnvironmentConfig, opts?: pulumi.ComponentResourceOptions) {
    super('kit:index:RabbitmqEnvironment', name, {}, opts);
    const plan = planEnvironment(config);
    const outputs = createOnRig(plan, renderEnvironment(plan), this);

    this.endpoints = outputs.addresses.apply((addresses) =>
      Object.fromEntries(plan.endpoints.map((end) => [end.name, urlOf(end, addresses)])),
    );
    const users = config.rabbitmq.users;
    this.amqpUri = uriOf(plan, outputs, 'amqp', users.application, 'application-password');
    this.managementUri = uriOf(
      plan,
      outputs,
      'management',
      users.administrator,
      'administrator-password',
    );
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
      hosts: this.hosts,
    });
  }
}

function urlOf(end: EndpointPlan, addresses: Record<string, string>): string {
  const address = addresses[end.name];
  if (address === undefined) throw new Error(`the target gave endpoint ${end.name} no address`);
  return `${end.scheme}://${address}${end.path}`;
}

function uriOf(
  plan: EnvironmentPlan,
  outputs: EnvironmentOutputs,
  endpoint: EndpointPlan['name'],
  user: string,
  secret: string,
): pulumi.Output<string> {
  const end = plan.endpoints.find(({ name }) => name === endpoint);
  const password = outputs.secrets[secret];
  if (end === undefined || password === undefined) {
    throw new Error(`the plan has no endpoint ${endpoint} or no secret ${secret}`);
  }
  return pulumi.secret(
    pulumi.all([outputs.addresses, password]).apply(([addresses, value]) => {
      const url = new URL(urlOf({ ...end, path: '/' }, addresses));
      url.username = user;
      url.password = value;
      return url.href;
    }),
  );
}
