import * as pulumi from '../pulumi.ts';
import { createOnAws } from '../aws/environment.ts';
import { requireReady } from '../aws/ready.ts';
import { requireRoom } from '../aws/room.ts';
import { hasOwnProvider } from '../aws/site.ts';
import type { EndpointPlan, EnvironmentPlan } from '../plan/model.ts';
import { planEnvironment } from '../plan/environment.ts';
import { trustedAuthorities } from '../plan/tls.ts';
import { renderEnvironment } from '../render/environment.ts';
import { createOnRig } from '../rig/environment.ts';
import { checkedEnvironment, type RabbitmqEnvironmentArgs } from './args.ts';
import {
  balancerOutput,
  type BalancerOutput,
  endpointUrls,
  type ServerOutput,
  serverOutputs,
  withLogin,
} from './endpoint-outputs.ts';
import { type EnvironmentOutputs, secretOf } from './outputs.ts';
import { withShownErrors } from './shown-errors.ts';
import { type UserOutput, userOutputs } from './user-outputs.ts';

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
  /** URL of each service by name: `amqp`, `management`, ...; without credentials. */
  readonly endpoints: pulumi.Output<Record<string, string>>;
  /** Where clients of each service may connect, in the order in which they should try. */
  readonly servers: pulumi.Output<Record<string, ServerOutput[]>>;
  /** `amqp://user:password@host:port/`, or `amqps:`, of the application user, at the first server; secret. */
  readonly amqpUri: pulumi.Output<string>;
  /** The same at every server that is to get connections, for clients that hold them all; secret. */
  readonly amqpUris: pulumi.Output<string[]>;
  /** `http://user:password@host:port/`, or `https:`, of the administrator; secret. */
  readonly managementUri: pulumi.Output<string>;
  /** The balancers' statistics page with its login, where there are balancers; secret. */
  readonly statisticsUri: pulumi.Output<string> | undefined;
  /** Passwords and URIs of the users that the config defines; secret. */
  readonly users: pulumi.Output<Record<string, UserOutput>>;
  /** What a balancer of the user's own is to be told, where one is expected. */
  readonly balancer: pulumi.Output<BalancerOutput> | undefined;
  readonly hosts: readonly HostOutput[];
  /** Certificates that a client is to trust, PEM; undefined without TLS. */
  readonly caCertificate: pulumi.Output<string> | undefined;

  constructor(name: string, args: RabbitmqEnvironmentArgs, opts?: pulumi.ComponentResourceOptions) {
    // All that can be known to be wrong is said before the first resource.
    const { config, sources, plan, rendered } = withShownErrors(() => prepare(name, args, opts));
    super('kit:index:RabbitmqEnvironment', name, {}, opts);
    const create = plan.target === 'aws' ? createOnAws : createOnRig;
    const outputs = withShownErrors(() => create(plan, rendered, sources, this));

    this.servers = outputs.addresses.apply((addresses) => serverOutputs(plan, addresses));
    this.endpoints = this.servers.apply(endpointUrls);
    this.amqpUris = this.#urisOf(plan, requireEndpoint(plan, 'amqp'), outputs);
    this.amqpUri = first(this.amqpUris);
    this.managementUri = first(this.#urisOf(plan, requireEndpoint(plan, 'management'), outputs));
    const statistics = endpointOf(plan, 'statistics');
    this.statisticsUri = statistics && first(this.#urisOf(plan, statistics, outputs));
    const amqp = this.servers.apply((servers) => servers['amqp'] ?? []);
    this.users = userOutputs(plan, amqp, outputs.secrets);
    this.balancer =
      plan.externalBalancer &&
      this.servers.apply((servers) => balancerOutput(plan, servers) as BalancerOutput);
    this.hosts = plan.hosts.map(({ name: host, roles, zone, address }) => ({
      name: host,
      roles,
      zone,
      address,
    }));
    this.caCertificate = config.tls.enabled ? outputs.secrets[trustedAuthorities] : undefined;
    this.registerOutputs({
      endpoints: this.endpoints,
      servers: this.servers,
      amqpUri: this.amqpUri,
      amqpUris: this.amqpUris,
      managementUri: this.managementUri,
      statisticsUri: this.statisticsUri,
      users: this.users,
      balancer: this.balancer,
      hosts: this.hosts,
      caCertificate: this.caCertificate,
      // By these a policy pack judges the rules of security groups.
      ...(plan.target === 'aws' ? { flows: plan.flows } : {}),
    });
  }

  /**
   * URLs of the servers that are to get connections, with the login of the endpoint's user; without its
   * password where the user brings that in a place that the kit does not read.
   */
  #urisOf(
    plan: EnvironmentPlan,
    end: EndpointPlan,
    { secrets }: EnvironmentOutputs,
  ): pulumi.Output<string[]> {
    const password = secretOf(plan, secrets, end.login?.secret ?? '');
    return pulumi.secret(
      pulumi
        .all([this.servers, password])
        .apply(([servers, value]) =>
          (servers[end.name] ?? [])
            .filter(({ weight }) => weight > 0)
            .map(({ url }) => withLogin(url, end, value)),
        ),
    );
  }
}

function prepare(
  name: string,
  args: RabbitmqEnvironmentArgs,
  opts: pulumi.ComponentResourceOptions | undefined,
) {
  const { config, sources } = checkedEnvironment(name, args);
  const plan = planEnvironment(config);
  const rendered = renderEnvironment(plan);
  if (plan.target === 'aws') {
    requireReady(plan, hasOwnProvider(opts));
    requireRoom(plan, rendered);
  }
  return { config, sources, plan, rendered };
}

const endpointOf = (
  { endpoints }: EnvironmentPlan,
  name: EndpointPlan['name'],
): EndpointPlan | undefined => endpoints.find((endpoint) => endpoint.name === name);

function requireEndpoint(plan: EnvironmentPlan, name: EndpointPlan['name']): EndpointPlan {
  const end = endpointOf(plan, name);
  if (end === undefined) throw new Error(`the plan has no endpoint ${name}`);
  return end;
}

const first = (uris: pulumi.Output<string[]>): pulumi.Output<string> =>
  uris.apply(([uri]) => {
    if (uri === undefined) throw new Error('no server is to get connections');
    return uri;
  });
