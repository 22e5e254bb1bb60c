import { type ServerOutput, withLogin } from '../../infra/components/endpoint-outputs.ts';
import { readSecret } from '../../infra/operations/secrets.ts';
import type { EndpointPlan, EnvironmentPlan } from '../../infra/plan/model.ts';
import { openSite } from './site.ts';

/** A server of an endpoint as a client on this machine connects to it. */
export interface ClientServer {
  /** Null where the address is no single host's, e.g. a VIP. */
  readonly host: string | null;
  /** With login. */
  readonly uri: string;
}

/**
 * Servers of an endpoint with the login of its user: what the stack's outputs hold too, without the
 * second that asking Pulumi for them takes. The password is the one that the live hosts have.
 * @param servers of each endpoint, as the update has just given them
 * @throws when the endpoint is unknown or no host tells the password
 */
export async function clientServers(
  plan: EnvironmentPlan,
  servers: Readonly<Record<string, readonly ServerOutput[]>>,
  name: EndpointPlan['name'],
): Promise<ClientServer[]> {
  const end = plan.endpoints.find((endpoint) => endpoint.name === name);
  const { channel, hosts } = await openSite(plan.stack);
  const secret = end?.login?.secret;
  const keeper = plan.hosts.find(
    (host) =>
      secret !== undefined &&
      host.secrets.includes(secret) &&
      hosts.some((live) => live.name === host.name && live.state === 'running'),
  );
  const found = servers[name] ?? [];
  if (end === undefined || secret === undefined || found.length === 0 || keeper === undefined) {
    throw new Error(`nobody tells the login of endpoint ${name} of ${plan.stack}`);
  }
  const password = await readSecret(channel, keeper.name, secret);
  return found.map(({ host, url }) => ({ host, uri: withLogin(url, end, password) }));
}
