import { accessPoints } from '../plan/endpoints.ts';
import type { EnvironmentPlan } from '../plan/model.ts';

/** `host:port` as seen from where the user is, by access point. */
export type Addresses = Readonly<Record<string, string>>;

/** One place where clients of an endpoint may connect. */
export interface ServerOutput {
  /** Null where the address is no single host's, e.g. a VIP. */
  readonly host: string | null;
  readonly zone: string | null;
  /** Without credentials. */
  readonly url: string;
  /** `host:port`, the same as in the URL. */
  readonly address: string;
  /** `backup` is for clients only while no active one answers. */
  readonly role: 'active' | 'backup';
  /** Share of new connections among those of the same role; 0 for none. */
  readonly weight: number;
}

/** Servers of each endpoint by its name, in the order in which a client should try. */
export function serverOutputs(
  { endpoints, hosts }: Pick<EnvironmentPlan, 'endpoints' | 'hosts'>,
  addresses: Addresses,
): Record<string, ServerOutput[]> {
  const points = accessPoints(endpoints).map(({ name, endpoint, server }) => {
    const address = addresses[name];
    if (address === undefined) throw new Error(`the target gave ${name} no address`);
    const { host = null, role, weight } = server;
    const zone = hosts.find((each) => each.name === host)?.zone ?? null;
    const url = `${endpoint.scheme}://${address}${endpoint.path}`;
    return { endpoint: endpoint.name, output: { host, zone, url, address, role, weight } };
  });
  return Object.fromEntries(
    endpoints.map(({ name }) => [
      name,
      points.filter(({ endpoint }) => endpoint === name).map(({ output }) => output),
    ]),
  );
}

/** URL of each endpoint: of its first server where there are several. */
export const endpointUrls = (
  servers: Readonly<Record<string, readonly ServerOutput[]>>,
): Record<string, string> =>
  Object.fromEntries(
    Object.entries(servers).flatMap(([name, [first]]) => (first ? [[name, first.url]] : [])),
  );

/** The URL with a login, e.g. that of the endpoint's user, where it has one; a password where it is known. */
export function withLogin(
  url: string,
  { login }: { readonly login: { readonly user: string } | undefined },
  password: string | undefined,
): string {
  if (login === undefined) return url;
  const uri = new URL(url);
  if (uri.pathname === '') uri.pathname = '/';
  uri.username = login.user;
  uri.password = password ?? '';
  return uri.href;
}

/** One broker as a server of a balancer that is not the kit's. */
export interface BalancedServerOutput extends Omit<ServerOutput, 'url'> {
  /** Where its health check asks. */
  readonly check: string;
  /** Passed checks in a row before it gets clients again. */
  readonly rise: number;
}

/** What a balancer of the user's own is to be told; see docs/external.md. */
export interface BalancerOutput {
  readonly healthCheck: {
    readonly request: string;
    readonly scheme: string;
    readonly expectStatus: number;
    readonly intervalSeconds: number;
    readonly timeoutSeconds: number;
    readonly fall: number;
  };
  readonly leastIdleTimeoutSeconds: number;
  readonly cutBackupSessionsOnUp: boolean;
  /** By endpoint; all of them are plain TCP to the balancer. */
  readonly services: Readonly<Record<string, readonly BalancedServerOutput[]>>;
}

/** Undefined where the front end expects no such balancer. */
export function balancerOutput(
  { endpoints, externalBalancer }: Pick<EnvironmentPlan, 'endpoints' | 'externalBalancer'>,
  servers: Readonly<Record<string, readonly ServerOutput[]>>,
): BalancerOutput | undefined {
  if (externalBalancer === undefined) return undefined;
  const { healthCheck, leastIdleTimeoutSeconds, cutBackupSessionsOnUp } = externalBalancer;
  const { endpoint, method, path, status, rise, ...times } = healthCheck;
  const asked = endpoints.find(({ name }) => name === endpoint);
  if (asked === undefined) throw new Error(`the plan has no endpoint ${endpoint}`);
  const balanced = ({ host, zone, address, role, weight }: ServerOutput): BalancedServerOutput => {
    const check = servers[endpoint]?.find((server) => server.host === host)?.address;
    const passes = rise[host ?? ''];
    if (check === undefined || passes === undefined) {
      throw new Error(`nobody can tell the health of ${host ?? address}`);
    }
    return { host, zone, address, role, weight, check, rise: passes };
  };
  return {
    healthCheck: {
      request: `${method} ${path}`,
      scheme: asked.scheme,
      expectStatus: status,
      ...times,
    },
    leastIdleTimeoutSeconds,
    cutBackupSessionsOnUp,
    services: Object.fromEntries(
      Object.entries(servers)
        // What no broker serves is not that balancer's to pass on.
        .filter(([, list]) => list.every(({ host }) => host !== null))
        .map(([name, list]) => [name, list.map(balanced)]),
    ),
  };
}
