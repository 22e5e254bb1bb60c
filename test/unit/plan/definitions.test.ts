import { describe, expect, it } from 'vitest';
import { bindingOf, describeItem, placeOf } from '../../../infra/definitions/items.ts';
import { plan } from '../../lib/plans.ts';

const planned = (definitions: object) => plan('quorum-cluster', { definitions });

describe('definitions of the config', () => {
  it('are nothing unless stated', () => {
    expect(planned({}).definitions).toEqual({ items: {}, logins: [], replace: 'never' });
  });

  it('give the administrator every vhost, and clients the safest type of queue', () => {
    const { items } = planned({ vhosts: { orders: { queues: { new: {} } } } }).definitions;
    expect(items).toEqual({
      'vhosts/orders': { description: '', default_queue_type: 'quorum' },
      'permissions/orders/administrator': { configure: '.*', write: '.*', read: '.*' },
      'queues/orders/new': { arguments: { 'x-queue-type': 'quorum' } },
    });
  });

  it('leave the vhost that every broker has as it is', () => {
    const { items } = planned({ vhosts: { '/': { queues: { new: {} } } } }).definitions;
    expect(Object.keys(items)).toEqual(['queues/%2F/new']);
  });

  it('take the default type of their vhost', () => {
    const { items } = planned({
      vhosts: { orders: { defaultQueueType: 'classic', queues: { new: {} } } },
    }).definitions;
    expect(items['queues/orders/new']).toEqual({ arguments: { 'x-queue-type': 'classic' } });
  });

  it('make a secret of each password, given or generated, and hand it to no host', () => {
    const { secrets, hosts, definitions } = planned({
      users: { shop: {}, billing: { password: 'given' } },
    });
    const own = secrets.filter(({ name }) => name.startsWith('user-'));
    expect(own).toMatchObject([
      { name: 'user-shop-password', kind: 'password' },
      { name: 'user-billing-password', given: 'password-billing' },
    ]);
    expect(own[0]).not.toHaveProperty('given');
    expect(definitions.logins.map(({ secret }) => secret)).toEqual(own.map(({ name }) => name));
    for (const host of hosts) {
      expect(host.secrets.filter((name) => name.startsWith('user-'))).toEqual([]);
    }
  });
});

describe('the path of an item', () => {
  const vhost = 'ü /%';
  const { items } = planned({
    vhosts: {
      [vhost]: {
        queues: { 'a/b': {} },
        bindings: [
          { source: 'amq.headers', queue: 'a/b', routingKey: '#/x', arguments: { n: 1, a: 'ä' } },
        ],
      },
    },
  }).definitions;

  it('leads back to any name', () => {
    const paths = Object.keys(items);
    expect(paths.map((path) => placeOf(path).vhost)).toEqual(paths.map(() => vhost));
    const binding = paths.find((path) => path.startsWith('bindings/')) ?? '';
    expect(bindingOf(binding)).toEqual({
      vhost,
      source: 'amq.headers',
      destination: 'a/b',
      destinationType: 'queue',
      routingKey: '#/x',
      arguments: { n: 1, a: 'ä' },
    });
    expect(paths.map(describeItem)).toEqual([
      'vhost ü /%',
      'permission of user administrator in vhost ü /%',
      'queue a/b in vhost ü /%',
      'binding from amq.headers to queue a/b with key #/x in vhost ü /%',
    ]);
  });
});
