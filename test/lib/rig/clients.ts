import { waitFor } from '../../../infra/wait.ts';
import type { RigStack } from './stack.ts';

/** Host of the broker that serves a client's connection, as a cluster's brokers tell it. */
export async function brokerOf(stack: RigStack, connectionName: string): Promise<string> {
  const [asked = ''] = stack.hosts('broker');
  return waitFor(
    async () => {
      type Connections = { node: string; client_properties: { connection_name?: string } }[];
      const found = await stack.api<Connections>(asked, '/api/connections');
      const own = found.find((one) => one.client_properties.connection_name === connectionName);
      const host = own?.node.replace(/^rabbit@/, '').split('.')[0];
      return host === undefined
        ? { seen: `${found.length} other connections` }
        : { done: true, value: host };
    },
    { subject: `connection ${connectionName} to be listed`, deadlineMs: 20_000, intervalMs: 250 },
  );
}
