import { readSecret } from '../../infra/operations/secrets.ts';
import type { EndpointPlan, EnvironmentPlan } from '../../infra/plan/model.ts';
import { openSite } from './site.ts';

/**
 * URI of an endpoint with the login of its user, for a client on this machine: what the stack's
 * outputs hold too, without the second that asking Pulumi for them takes. The password is the one
 * that the live hosts have.
 * @param endpoints URLs by name, as the update has just given them
 * @throws when the endpoint is unknown or no host tells the password
 */
export async function clientUri(
  plan: EnvironmentPlan,
  endpoints: Readonly<Record<string, string>>,
  name: EndpointPlan['name'],
): Promise<string> {
  const login = plan.endpoints.find((endpoint) => endpoint.name === name)?.login;
  const url = endpoints[name];
  const { channel, hosts } = await openSite(plan.stack);
  const keeper = plan.hosts.find(
    (host) =>
      login !== undefined &&
      host.secrets.includes(login.secret) &&
      hosts.some((live) => live.name === host.name && live.state === 'running'),
  );
  if (login === undefined || url === undefined || keeper === undefined) {
    throw new Error(`nobody tells the login of endpoint ${name} of ${plan.stack}`);
  }
  const uri = new URL(url);
  uri.username = login.user;
  uri.password = await readSecret(channel, keeper.name, login.secret);
  return uri.href;
}
