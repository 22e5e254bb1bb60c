import { describe, expect, it } from 'vitest';
import { loadEnvironment } from '../../../infra/config/load.ts';
import { ConfigError } from '../../../infra/config/problems.ts';
import { answer, cluster } from '../../lib/config-answers.ts';

const inOrders = (vhost: object, rest: object = {}): string =>
  cluster({ definitions: { vhosts: { orders: vhost } }, ...rest });

describe('a queue', () => {
  it('has arguments that its type knows', () => {
    expect(
      inOrders({
        queues: {
          new: { arguments: { 'x-max-priority': 5, 'x-max-age': '7D' } },
          log: { type: 'stream', arguments: { 'x-message-ttl': 1000, 'x-max-age': 'week' } },
          old: { type: 'classic', arguments: { 'x-delivery-limit': 3, 'x-queue-mode': 'lazy' } },
        },
      }),
    ).toMatchInlineSnapshot(`
      "the config of stack trial has 6 problems
        definitions.vhosts.orders.queues.log.arguments.x-max-age is not valid
          given:   "week"
          allowed: a number with Y, M, D, h, m or s, e.g. 7D
          fix:     change definitions.vhosts.orders.queues.log.arguments.x-max-age in the stack file
        definitions.vhosts.orders.queues.new.arguments.x-max-priority is not known to queues of type quorum, only to classic
          given:   5
          allowed: x-expires, x-message-ttl, x-max-length, x-max-length-bytes, x-overflow, x-dead-letter-exchange, x-dead-letter-routing-key, x-dead-letter-strategy, x-delivery-limit, x-quorum-initial-group-size, x-quorum-target-group-size, x-queue-leader-locator, x-single-active-consumer, x-consumer-timeout
          fix:     remove it, or change the type
        definitions.vhosts.orders.queues.new.arguments.x-max-age is not known to queues of type quorum, only to stream
          given:   "7D"
          allowed: x-expires, x-message-ttl, x-max-length, x-max-length-bytes, x-overflow, x-dead-letter-exchange, x-dead-letter-routing-key, x-dead-letter-strategy, x-delivery-limit, x-quorum-initial-group-size, x-quorum-target-group-size, x-queue-leader-locator, x-single-active-consumer, x-consumer-timeout
          fix:     remove it, or change the type
        definitions.vhosts.orders.queues.log.arguments.x-message-ttl is not known to queues of type stream, only to quorum, classic
          given:   1000
          allowed: x-max-length-bytes, x-initial-cluster-size, x-queue-leader-locator, x-max-age, x-stream-max-segment-size-bytes, x-stream-filter-size-bytes
          fix:     remove it, or change the type
        definitions.vhosts.orders.queues.old.arguments.x-delivery-limit is not known to queues of type classic, only to quorum
          given:   3
          allowed: x-expires, x-message-ttl, x-max-length, x-max-length-bytes, x-overflow, x-dead-letter-exchange, x-dead-letter-routing-key, x-queue-leader-locator, x-single-active-consumer, x-consumer-timeout, x-max-priority
          fix:     remove it, or change the type
        definitions.vhosts.orders.queues.old.arguments.x-queue-mode is not known to RabbitMQ 4.0, which this topology runs
          given:   "lazy"
          allowed: x-expires, x-message-ttl, x-max-length, x-max-length-bytes, x-overflow, x-dead-letter-exchange, x-dead-letter-routing-key, x-queue-leader-locator, x-single-active-consumer, x-consumer-timeout, x-max-priority
          fix:     remove it: every classic queue works like that by now"
    `);
  });
  it('of RabbitMQ 3.10 that is classic has a master, not a leader, to be placed', () => {
    const arguments_ = { 'x-queue-leader-locator': 'balanced' };
    const queues = {
      old: { arguments: arguments_ },
      named: { type: 'classic', arguments: arguments_ },
      new: { type: 'quorum', arguments: arguments_ },
    };
    const problems = inOrders({ queues }, { topology: 'mirrored-cluster' });
    expect(problems).toContain('has 2 problems');
    expect(problems).toContain(
      'queues.named.arguments.x-queue-leader-locator is not known to queues of type classic of RabbitMQ 3.10, only to quorum, stream',
    );
    expect(problems).toContain('fix:     x-queue-master-locator: min-masters is its balanced');
  });
  it('has no arguments of old, and is never temporary', () => {
    expect(
      inOrders({
        queues: {
          new: {
            durable: false,
            exclusive: true,
            arguments: { 'x-ha-policy': 'all', 'x-queue-type': 'quorum', 'x-max-lenght': 5 },
          },
        },
      }),
    ).toMatchInlineSnapshot(`
      "the config of stack trial has 5 problems
        definitions.vhosts.orders.queues.new.arguments.x-ha-policy is not a known key
          allowed: x-expires, x-message-ttl, x-max-length, x-max-length-bytes, x-overflow, x-dead-letter-exchange, x-dead-letter-routing-key, x-dead-letter-strategy, x-delivery-limit, x-quorum-initial-group-size, x-quorum-target-group-size, x-initial-cluster-size, x-queue-leader-locator, x-single-active-consumer, x-consumer-timeout, x-max-priority, x-queue-master-locator, x-queue-mode, x-queue-version, x-max-age, x-stream-max-segment-size-bytes, x-stream-filter-size-bytes
          fix:     remove definitions.vhosts.orders.queues.new.arguments.x-ha-policy: since RabbitMQ 3.0 it mirrors nothing; quorum queues keep copies by themselves, and with topology mirrored-cluster mirroredCluster.policy mirrors classic ones
        definitions.vhosts.orders.queues.new.arguments.x-queue-type is not a known key
          allowed: x-expires, x-message-ttl, x-max-length, x-max-length-bytes, x-overflow, x-dead-letter-exchange, x-dead-letter-routing-key, x-dead-letter-strategy, x-delivery-limit, x-quorum-initial-group-size, x-quorum-target-group-size, x-initial-cluster-size, x-queue-leader-locator, x-single-active-consumer, x-consumer-timeout, x-max-priority, x-queue-master-locator, x-queue-mode, x-queue-version, x-max-age, x-stream-max-segment-size-bytes, x-stream-filter-size-bytes
          fix:     remove definitions.vhosts.orders.queues.new.arguments.x-queue-type: the field \`type\` beside the arguments says it
        definitions.vhosts.orders.queues.new.arguments.x-max-lenght is not a known key
          allowed: x-expires, x-message-ttl, x-max-length, x-max-length-bytes, x-overflow, x-dead-letter-exchange, x-dead-letter-routing-key, x-dead-letter-strategy, x-delivery-limit, x-quorum-initial-group-size, x-quorum-target-group-size, x-initial-cluster-size, x-queue-leader-locator, x-single-active-consumer, x-consumer-timeout, x-max-priority, x-queue-master-locator, x-queue-mode, x-queue-version, x-max-age, x-stream-max-segment-size-bytes, x-stream-filter-size-bytes
          fix:     did you mean x-max-length?
        definitions.vhosts.orders.queues.new.durable is not a known key
          allowed: type, arguments
          fix:     remove definitions.vhosts.orders.queues.new.durable: config defines queues and exchanges that are durable, shared and stay; what goes with a connection or a restart is for its client to declare, and no quorum queue or stream can be like that
        definitions.vhosts.orders.queues.new.exclusive is not a known key
          allowed: type, arguments
          fix:     remove definitions.vhosts.orders.queues.new.exclusive: config defines queues and exchanges that are durable, shared and stay; what goes with a connection or a restart is for its client to declare, and no quorum queue or stream can be like that"
    `);
  });
  it('is spread over brokers that there are', () => {
    const queues = {
      new: { arguments: { 'x-quorum-initial-group-size': 5 } },
      log: { type: 'stream', arguments: { 'x-initial-cluster-size': 5 } },
    };
    expect(inOrders({ queues })).toMatchInlineSnapshot(`
      "the config of stack trial has 2 problems
        definitions.vhosts.orders.queues.new.arguments.x-quorum-initial-group-size asks for more members than there are brokers to hold one
          given:   5
          allowed: at most 3: a queue of this topology can be spread over 3 brokers
          fix:     lower it, remove it for the default, or add brokers
        definitions.vhosts.orders.queues.log.arguments.x-initial-cluster-size asks for more members than there are brokers to hold one
          given:   5
          allowed: at most 3: a queue of this topology can be spread over 3 brokers
          fix:     lower it, remove it for the default, or add brokers"
    `);
    expect(() =>
      loadEnvironment(
        {
          topology: 'quorum-cluster',
          quorumCluster: { brokers: 5 },
          definitions: { vhosts: { orders: { queues } } },
        },
        undefined,
        'trial',
      ),
    ).not.toThrow();
  });
  it('dead-letters to an exchange that exists, safely only with all that this takes', () => {
    expect(
      inOrders({
        exchanges: { dead: {} },
        queues: {
          new: {
            arguments: {
              'x-dead-letter-exchange': 'deed',
              'x-dead-letter-strategy': 'at-least-once',
            },
          },
        },
      }),
    ).toMatchInlineSnapshot(`
      "the config of stack trial has 2 problems
        definitions.vhosts.orders.queues.new.arguments.x-dead-letter-exchange is an exchange that this vhost does not define
          given:   "deed"
          allowed: dead, amq.direct, amq.fanout, amq.headers, amq.match, amq.rabbitmq.trace, amq.topic
          fix:     did you mean dead?
        definitions.vhosts.orders.queues.new.arguments.x-dead-letter-strategy has no effect without the settings that it builds on
          given:   at-least-once
          allowed: at-least-once together with x-dead-letter-exchange and x-overflow: reject-publish
          fix:     add x-overflow: reject-publish"
    `);
  });
  it('of a warren is no stream', () => {
    const vhosts = { orders: { defaultQueueType: 'stream', queues: { log: { type: 'stream' } } } };
    expect(answer({ topology: 'warren', definitions: { vhosts } })).toMatchInlineSnapshot(`
      "the config of stack trial has 2 problems
        definitions.vhosts.orders.defaultQueueType is something that topology warren cannot hold: a stream is read, not emptied, so what the standby took would never come back
          given:   stream
          allowed: quorum, classic
          fix:     choose another type, or a topology with one cluster
        definitions.vhosts.orders.queues.log.type is something that topology warren cannot hold: a stream is read, not emptied, so what the standby took would never come back
          given:   stream
          allowed: quorum, classic
          fix:     choose another type, or a topology with one cluster"
    `);
  });
});

describe('an exchange', () => {
  it('of a plug-in needs that plug-in, and has an alternate that exists', () => {
    expect(
      inOrders({
        exchanges: {
          hash: { type: 'x-consistent-hash', arguments: { 'alternate-exchange': 'none' } },
          late: { type: 'x-delayed-message' },
        },
      }),
    ).toMatchInlineSnapshot(`
      "the config of stack trial has 3 problems
        definitions.vhosts.orders.exchanges.late.type is not a known value
          given:   "x-delayed-message"
          allowed: direct, fanout, topic, headers, x-local-random, x-consistent-hash, x-modulus-hash, x-random, x-recent-history
          fix:     change definitions.vhosts.orders.exchanges.late.type in the stack file
        definitions.vhosts.orders.exchanges.hash.arguments.alternate-exchange is an exchange that this vhost does not define
          given:   "none"
          allowed: hash, late, amq.direct, amq.fanout, amq.headers, amq.match, amq.rabbitmq.trace, amq.topic
          fix:     define the exchange, or change the name
        definitions.vhosts.orders.exchanges.hash.type is a type that a plug-in brings along
          given:   x-consistent-hash
          allowed: x-consistent-hash with rabbitmq_consistent_hash_exchange in rabbitmq.plugins
          fix:     add rabbitmq_consistent_hash_exchange to rabbitmq.plugins"
    `);
    expect(
      inOrders(
        { exchanges: { hash: { type: 'x-consistent-hash' } }, queues: { 'amq.x': {} } },
        {
          rabbitmq: { plugins: ['rabbitmq_consistent_hash_exchange'] },
        },
      ),
    ).not.toContain('plug-in');
  });
});

describe('a password', () => {
  const user = (password: unknown) => ({
    topology: 'quorum-cluster',
    definitions: { users: { shop: { password } } },
  });

  it('in plain config is refused and never repeated', () => {
    const text = answer(user('hunter2'));
    expect(text).not.toContain('hunter2');
    expect(text).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        definitions.users.shop.password is no place for a password: stack files are read by many
          given:   (hidden)
          allowed: generated, given
          fix:     write \`given\` here and npm run pulumi -- config set --secret rabbitmq-ha-kit:password-USER"
    `);
    expect(answer(user({ secure: 'hunter2' }))).not.toContain('hunter2');
  });

  const given = (passwords: Readonly<Record<string, 'secret' | 'plain'>>): string => {
    try {
      loadEnvironment(user('given'), undefined, 'trial', passwords);
    } catch (error) {
      if (error instanceof ConfigError) return error.message;
      throw error;
    }
    return 'accepted';
  };

  it('that is given must be there, be a secret, and be for who asks for it', () => {
    expect(given({ shop: 'secret' })).toBe('accepted');
    expect(given({})).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        rabbitmq-ha-kit:password-shop is missing: definitions.users.shop says that its password is given
          allowed: a secret
          fix:     npm run pulumi -- config set --secret rabbitmq-ha-kit:password-shop; or remove \`password: given\` for a generated one"
    `);
    expect(given({ shop: 'plain' })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        rabbitmq-ha-kit:password-shop is a password in plain text: stack files are read by many
          given:   (hidden)
          allowed: a secret
          fix:     npm run pulumi -- config set --secret rabbitmq-ha-kit:password-shop; and consider this password known"
    `);
    expect(given({ shop: 'secret', shpo: 'secret', zoe: 'secret' })).toMatchInlineSnapshot(`
      "the config of stack trial has 2 problems
        rabbitmq-ha-kit:password-shpo is for no user that asks for it
          allowed: shop
          fix:     did you mean shop?
        rabbitmq-ha-kit:password-zoe is for no user that asks for it
          allowed: shop
          fix:     write password: given for definitions.users.zoe, or npm run pulumi -- config rm rabbitmq-ha-kit:password-zoe"
    `);
  });
});

it('a misspelt key in a vhost is found with its like', () => {
  expect(inOrders({ queus: {}, queues: { new: { typ: 'quorum' } } })).toMatchInlineSnapshot(`
    "the config of stack trial has 2 problems
      definitions.vhosts.orders.queues.new.typ is not a known key
        allowed: type, arguments
        fix:     did you mean type?
      definitions.vhosts.orders.queus is not a known key
        allowed: description, defaultQueueType, limits, permissions, topicPermissions, exchanges, queues, bindings, policies, operatorPolicies
        fix:     did you mean queues?"
  `);
});
