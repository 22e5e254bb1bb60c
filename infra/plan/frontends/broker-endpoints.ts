import type { Ends } from '../flows.ts';
import type { EndpointPlan, EndpointServer, Flow } from '../model.ts';
import type { BrokerSite } from '../topologies/topology.ts';
import type { FrontEndSite } from './front-end.ts';
import { serviceAccess, serviceEndpoints } from './services.ts';

/** Endpoints at the brokers themselves, for front ends without hosts of their own. */
export const brokerEndpoints = ({ config, brokers }: FrontEndSite): EndpointPlan[] =>
  serviceEndpoints(config, (port) => serversAt(brokers, port));

/** Active ones before backups, heavier ones first, else in the order of the brokers. */
function serversAt(brokers: readonly BrokerSite[], port: number): EndpointPlan['servers'] {
  const [first, ...others] = brokers
    .map(({ name, address, server }): EndpointServer => ({
      host: name,
      address,
      port,
      role: server.role === 'active' ? 'active' : 'backup',
      weight: server.weight,
    }))
    .sort(
      (a, b) => Number(a.role === 'backup') - Number(b.role === 'backup') || b.weight - a.weight,
    );
  if (first === undefined) throw new RangeError('an environment has at least one broker');
  return [first, ...others];
}

/** Clients, or a balancer that speaks for them, come to the brokers themselves. */
export const brokerAccess = ({ config }: FrontEndSite, { clients, brokers }: Ends): Flow[] =>
  serviceAccess(config, { clients, to: brokers });
