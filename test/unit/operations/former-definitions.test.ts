import { describe, expect, it } from 'vitest';
import type { Items } from '../../../infra/definitions/items.ts';
import type { Channel, LiveHost } from '../../../infra/operations/channel.ts';
import { documentsOf } from '../../../infra/operations/definitions/exported.ts';
import { clearFormer } from '../../../infra/operations/definitions/former.ts';

const limit = 'policies/orders/limits';
const held: Items = {
  'vhosts/orders': { description: '' },
  'users/shop': { tags: [] },
  [limit]: { pattern: '^new$', 'apply-to': 'queues', priority: 0, definition: {} },
};

/** Brokers that hold the items, and a record of what changed on them. */
function brokersWith(hosts: Readonly<Record<string, LiveHost['state']>>) {
  const changes: string[] = [];
  const channel: Channel = {
    hosts: () =>
      Promise.resolve(
        Object.entries(hosts).map(([name, state]) => ({
          name,
          state,
          zone: 'a',
          address: '10.0.0.1',
          labels: { roles: 'broker' },
        })),
      ),
    run: (host, argv) => {
      const [method = '', path = ''] = argv.slice(-2);
      if (['PUT', 'POST', 'DELETE'].includes(method)) changes.push(`${host} ${method} ${path}`);
      const document = Object.assign({}, ...documentsOf(held, { shop: 'synthetic' })) as object;
      const known = { ...document, vhosts: [{ name: 'orders', metadata: {} }] };
      return Promise.resolve({ code: 0, stdout: JSON.stringify(known), stderr: '' });
    },
  };
  return { channel, changes };
}

describe('what left the config in a swap', () => {
  it('goes from the former brokers too: from one of a cluster, and just that', async () => {
    const { channel, changes } = brokersWith({ 'broker-1': 'stopped', 'broker-2': 'running' });
    const former = { brokers: ['broker-1', 'broker-2'], clustered: true };
    await clearFormer(channel, former, [limit, 'policies/orders/gone-before']);
    expect(changes).toEqual([`broker-2 DELETE /api/${limit}`]);
  });

  it('goes from each that stands alone, users as well', async () => {
    const { channel, changes } = brokersWith({ 'rabbit-a': 'running', 'rabbit-b': 'running' });
    const former = { brokers: ['rabbit-a', 'rabbit-b'], clustered: false };
    await clearFormer(channel, former, ['users/shop']);
    expect(changes).toEqual(['rabbit-a DELETE /api/users/shop', 'rabbit-b DELETE /api/users/shop']);
  });

  it('is nobody’s matter when none of them runs any more', async () => {
    const { channel, changes } = brokersWith({ 'rabbit-a': 'stopped', 'broker-1': 'running' });
    await clearFormer(channel, { brokers: ['rabbit-a'], clustered: false }, [limit]);
    expect(changes).toEqual([]);
  });
});
