import { waitFor } from '../../../infra/wait.ts';
import type { RigStack } from './stack.ts';

/** A client's connection as brokers see it. */
export interface ListedConnection {
  readonly node: string;
  readonly peer_host: string;
  readonly peer_port: number;
  readonly client_properties: { readonly connection_name?: string };
}

/** Waits until the management API lists a connection. */
async function connectionNamed(stack: RigStack, connectionName: string): Promise<ListedConnection> {
  const [asked = ''] = stack.hosts('broker');
  return waitFor(
    async () => {
      const found = await stack.api<ListedConnection[]>(asked, '/api/connections');
      const own = found.find((one) => one.client_properties.connection_name === connectionName);
      return own === undefined
        ? { seen: `${found.length} other connections` }
        : { done: true, value: own };
    },
    { subject: `connection ${connectionName} to be listed`, deadlineMs: 20_000, intervalMs: 250 },
  );
}

/** Host of the broker that serves a client's connection, as a cluster's brokers tell it. */
export async function brokerOf(stack: RigStack, connectionName: string): Promise<string> {
  const { node } = await connectionNamed(stack, connectionName);
  return node.replace(/^rabbit@/, '').split('.')[0] ?? node;
}
