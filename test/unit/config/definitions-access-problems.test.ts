import { describe, expect, it } from 'vitest';
import { cluster } from '../../lib/config-answers.ts';

const inOrders = (vhost: object, rest: object = {}): string =>
  cluster({ definitions: { vhosts: { orders: vhost } }, ...rest });

describe('a name', () => {
  it('of a user must not be one that the kit makes, nor guest', () => {
    expect(cluster({ definitions: { users: { application: {}, guest: {}, 'No Name': {} } } }))
      .toMatchInlineSnapshot(`
      "the config of stack trial has 3 problems
        definitions.users.application is a user that the kit makes by itself
          allowed: any name but administrator, application, guest
          fix:     remove it here, or rename the one under rabbitmq.users
        definitions.users.guest is the user whose password everybody knows
          allowed: any name but administrator, application, guest
          fix:     choose another name
        definitions.users.No Name has a wrong form
          allowed: lower-case letters, digits, _ . - starting with a letter, at most 63
          fix:     choose another name"
    `);
  });
  it('must be one that RabbitMQ can hold, and no reserved one', () => {
    expect(
      inOrders({
        exchanges: { 'amq.events': {} },
        queues: { 'rabbitmq-ha-kit.mine': {}, 'line\nbreak': {}, ['é'.repeat(128)]: {} },
      }),
    ).toMatchInlineSnapshot(`
      "the config of stack trial has 4 problems
        definitions.vhosts.orders.queues."line\\nbreak" is not a name that RabbitMQ can hold
          given:   "line\\nbreak"
          allowed: 1 to 255 bytes without control characters
          fix:     choose another name
        definitions.vhosts.orders.queues."éééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééé" is not a name that RabbitMQ can hold
          given:   "éééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééé"
          allowed: 1 to 255 bytes without control characters
          fix:     choose another name
        definitions.vhosts.orders.exchanges.amq.events has a name that RabbitMQ keeps for itself
          allowed: names that do not begin with amq. or rabbitmq-ha-kit.
          fix:     choose another name
        definitions.vhosts.orders.queues.rabbitmq-ha-kit.mine has a name that the kit keeps for itself
          allowed: names that do not begin with amq. or rabbitmq-ha-kit.
          fix:     choose another name"
    `);
  });
});

describe('a permission', () => {
  it('is for a user that exists', () => {
    expect(
      cluster({
        definitions: {
          users: { shop: {} },
          vhosts: {
            orders: {
              permissions: { shpo: {}, carol: {}, administrator: {} },
              topicPermissions: { carol: { 'amq.topic': {} } },
            },
            '/': { permissions: { application: {} }, description: 'mine' },
          },
        },
      }),
    ).toMatchInlineSnapshot(`
      "the config of stack trial has 6 problems
        definitions.vhosts./.description belongs to the vhost that every broker has from its start
          given:   mine
          allowed: everything else in /; all in a vhost of your own
          fix:     remove the line, or make a vhost of your own
        definitions.vhosts.orders.permissions.shpo is for a user that does not exist
          allowed: shop, application
          fix:     did you mean shop?
        definitions.vhosts.orders.permissions.carol is for a user that does not exist
          allowed: shop, application
          fix:     add the user under definitions.users, or remove it
        definitions.vhosts.orders.permissions.administrator is for the administrator, who has every permission everywhere
          allowed: shop, application
          fix:     remove it
        definitions.vhosts.orders.topicPermissions.carol is for a user that does not exist
          allowed: shop, application
          fix:     add the user under definitions.users, or remove it
        definitions.vhosts./.permissions.application clashes with the permission that the kit gives this user in /
          allowed: permissions of users of your own in /; of this one in other vhosts
          fix:     make a user of your own with less, and let clients use that one"
    `);
  });
  it('of topics is for a topic exchange of the vhost', () => {
    expect(
      inOrders({
        exchanges: { events: { type: 'fanout' } },
        topicPermissions: { application: { events: {}, event: {} } },
      }),
    ).toMatchInlineSnapshot(`
      "the config of stack trial has 2 problems
        definitions.vhosts.orders.topicPermissions.application.events has no effect: only topic exchanges have topics
          given:   fanout
          allowed: exchanges of type topic
          fix:     remove it, or make the exchange a topic exchange
        definitions.vhosts.orders.topicPermissions.application.event is an exchange that this vhost does not define
          given:   "event"
          allowed: events, amq.direct, amq.fanout, amq.headers, amq.match, amq.rabbitmq.trace, amq.topic
          fix:     did you mean events?"
    `);
  });
  it('is a regular expression', () => {
    expect(inOrders({ permissions: { application: { read: '^(orders', write: '(?i)orders' } } }))
      .toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        definitions.vhosts.orders.permissions.application.read is not a regular expression
          given:   "^(orders"
          allowed: a regular expression, e.g. '^orders\\.'; '.*' for all, '^$' for nothing
          fix:     close what is open, or put a \\ before a character that is meant as it is"
    `);
  });
});

describe('a binding', () => {
  it('leads from an exchange to a queue or exchange of its vhost', () => {
    expect(
      inOrders({
        exchanges: { events: {} },
        queues: { new: {} },
        bindings: [
          { source: 'event', queue: 'new' },
          { source: 'events', queue: 'old' },
          { source: 'events', exchange: 'audit' },
          { source: 'events', exchange: 'amq.fanout', queue: 'new' },
          { source: 'events' },
          { source: '', queue: 'new' },
        ],
      }),
    ).toMatchInlineSnapshot(`
      "the config of stack trial has 6 problems
        definitions.vhosts.orders.bindings[0].source is an exchange that this vhost does not define
          given:   "event"
          allowed: events, amq.direct, amq.fanout, amq.headers, amq.match, amq.rabbitmq.trace, amq.topic
          fix:     did you mean events?
        definitions.vhosts.orders.bindings[1].queue is a queue that this vhost does not define
          given:   "old"
          allowed: new
          fix:     define the queue, or change the name
        definitions.vhosts.orders.bindings[2].exchange is an exchange that this vhost does not define
          given:   "audit"
          allowed: events, amq.direct, amq.fanout, amq.headers, amq.match, amq.rabbitmq.trace, amq.topic
          fix:     define the exchange, or change the name
        definitions.vhosts.orders.bindings[3] leads to two things
          allowed: either \`queue\` or \`exchange\`
          fix:     state one of the two
        definitions.vhosts.orders.bindings[4] leads nowhere
          allowed: either \`queue\` or \`exchange\`
          fix:     state one of the two
        definitions.vhosts.orders.bindings[5].source is the default exchange, which leads to every queue by its name already
          allowed: events, amq.direct, amq.fanout, amq.headers, amq.match, amq.rabbitmq.trace, amq.topic
          fix:     remove the binding"
    `);
  });
  it('is stated once', () => {
    const binding = { source: 'amq.fanout', queue: 'new' };
    expect(inOrders({ queues: { new: {} }, bindings: [binding, binding] })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        definitions.vhosts.orders.bindings[1] repeats bindings[0]
          given:   {"source":"amq.fanout","queue":"new","routingKey":"","arguments":{}}
          allowed: bindings that differ in source, destination, key or arguments
          fix:     remove it"
    `);
  });
});
