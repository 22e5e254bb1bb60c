import type { Ends } from '../flows.ts';
import type { EndpointPlan, EndpointServer, Flow } from '../model.ts';
import { brokerPorts } from '../ports.ts';
import type { BrokerSite } from '../topologies/topology.ts';
import type { FrontEndSite } from './front-end.ts';

/** Endpoints at the brokers themselves, for front ends without hosts of their own. */
export function brokerEndpoints({ config, brokers }: FrontEndSite): EndpointPlan[] {
  const { users } = config.rabbitmq;
  const application = { user: users.application, secret: 'application-password' };
  const administrator = { user: users.administrator, secret: 'administrator-password' };
  const amqp = serversAt(brokers, brokerPorts.amqp);
  const management = serversAt(brokers, brokerPorts.management);
  return [
    { name: 'amqp', scheme: 'amqp', path: '', login: application, servers: amqp },
    { name: 'management', scheme: 'http', path: '/', login: administrator, servers: management },
  ];
}

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
export const brokerAccess = ({ clients, brokers }: Ends): Flow[] =>
  [
    { ports: [brokerPorts.amqp], why: 'AMQP from clients' },
    { ports: [brokerPorts.management], why: 'management UI and API from clients' },
  ].map((service) => ({ ...service, protocol: 'tcp', from: clients, to: brokers }));
