import type { EndpointPlan, EndpointServer } from './model.ts';

/** One server of an endpoint, under the name by which targets and outputs know it. */
export interface AccessPoint {
  /** `amqp` where one address serves all clients, `amqp/broker-1` where they choose a broker. */
  readonly name: string;
  readonly endpoint: EndpointPlan;
  readonly server: EndpointServer;
}

export const accessPoints = (endpoints: readonly EndpointPlan[]): AccessPoint[] =>
  endpoints.flatMap((endpoint) =>
    endpoint.servers.map((server) => ({
      name: server.host === undefined ? endpoint.name : `${endpoint.name}/${server.host}`,
      endpoint,
      server,
    })),
  );

/** The endpoint that such a name belongs to, and the host where it names one. */
export function parseAccessPoint(name: string): { endpoint: string; host: string | undefined } {
  const [endpoint = '', host] = name.split('/', 2);
  return { endpoint, host };
}
