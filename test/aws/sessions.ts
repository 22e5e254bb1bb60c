import { waitFor } from '../../infra/wait.ts';
import type { AwsStack } from './stack.ts';

/** Where a client's connection ends, and the address that it comes from there. */
export interface Session {
  readonly broker: string;
  readonly from: string;
}

interface Connection {
  readonly node: string;
  readonly peer_host: string;
  readonly client_properties: { readonly connection_name?: string };
}

/** Asks a broker, which knows of the connections to all of its cluster, until it knows this one. */
export const sessionOf = (
  stack: AwsStack,
  connectionName: string,
  asked: string,
): Promise<Session> =>
  waitFor(
    async () => {
      const told = await stack.exec(asked, ['/usr/local/sbin/mq-api', 'GET', '/api/connections']);
      const found = JSON.parse(told) as Connection[];
      const own = found.find((one) => one.client_properties.connection_name === connectionName);
      if (own === undefined) return { seen: `${found.length} other connections` };
      const broker = own.node.replace(/^rabbit@/, '').split('.')[0] ?? '';
      return { done: true, value: { broker, from: own.peer_host } };
    },
    { subject: `${connectionName} on ${asked}`, deadlineMs: 60_000, intervalMs: 250 },
  );
