import type { Ends } from '../flows.ts';
import type { EndpointPlan, Flow } from '../model.ts';
import type { FrontEnd, FrontEndSite } from './front-end.ts';
import { serviceAccess, serviceEndpoints } from './services.ts';

/** Nothing stands in between: the broker itself has an address that it takes along. */
export const pacemakerVip: FrontEnd = {
  ranges: () => [],
  names: () => [],
  hosts: () => [],
  flows: ({ config }: FrontEndSite, { clients, brokers }: Ends): Flow[] =>
    serviceAccess(config, { clients, to: brokers }),
  secrets: () => [],
  endpoints,
  // The broker's, not the front end's.
  virtualAddresses: () => [],
};

function endpoints({ config, brokers }: FrontEndSite): EndpointPlan[] {
  const [broker] = brokers;
  if (broker === undefined) throw new RangeError('an environment has at least one broker');
  const at = (port: number): EndpointPlan['servers'] => [
    { host: undefined, address: broker.address, port, role: 'active', weight: 1 },
  ];
  return serviceEndpoints(config, at);
}
