import { describe, expect, it } from 'vitest';
import { cluster } from '../../lib/config-answers.ts';

const inOrders = (vhost: object, rest: object = {}): string =>
  cluster({ definitions: { vhosts: { orders: vhost } }, ...rest });

describe('a policy', () => {
  it('sets what its queues and its release know', () => {
    expect(
      inOrders({
        policies: {
          ha: { pattern: '', definition: { 'ha-mode': 'all', 'ha-sync-mode': 'automatic' } },
          limits: { pattern: '', applyTo: 'streams', definition: { 'max-length': 5 } },
          nothing: { pattern: '[', definition: {} },
          far: { pattern: '', applyTo: 'all', definition: { 'federation-upstream-set': 'all' } },
          wide: {
            pattern: '',
            definition: { 'target-group-size': 7, 'dead-letter-exchange': 'x' },
          },
        },
        operatorPolicies: { own: { pattern: '', definition: { overflow: 'drop-head' } } },
      }),
    ).toMatchInlineSnapshot(`
      "the config of stack trial has 9 problems
        definitions.vhosts.orders.operatorPolicies.own.definition.overflow is not a known key
          allowed: expires, message-ttl, max-length, max-length-bytes, delivery-limit, target-group-size
          fix:     move it to definitions.vhosts.NAME.policies.NAME.definition.overflow
        definitions.vhosts.orders.policies.wide.definition.dead-letter-exchange is an exchange that this vhost does not define
          given:   "x"
          allowed: amq.direct, amq.fanout, amq.headers, amq.match, amq.rabbitmq.trace, amq.topic
          fix:     define the exchange, or change the name
        definitions.vhosts.orders.policies.ha.definition.ha-mode is for mirrored queues, which RabbitMQ 4 does not have
          given:   "all"
          allowed: no ha- keys; quorum queues keep copies on several brokers by themselves
          fix:     remove it, or choose topology: mirrored-cluster
        definitions.vhosts.orders.policies.ha.definition.ha-sync-mode is for mirrored queues, which RabbitMQ 4 does not have
          given:   "automatic"
          allowed: no ha- keys; quorum queues keep copies on several brokers by themselves
          fix:     remove it, or choose topology: mirrored-cluster
        definitions.vhosts.orders.policies.limits.definition.max-length is not known to a policy for streams, only to quorum, classic
          given:   5
          allowed: max-length-bytes, queue-leader-locator, max-age, stream-max-segment-size-bytes, federation-upstream, federation-upstream-set
          fix:     remove it, or change the type
        definitions.vhosts.orders.policies.nothing.definition is empty: the policy would do nothing but keep others from working
          allowed: message-ttl, expires, max-length, max-length-bytes, overflow, dead-letter-exchange, dead-letter-routing-key, dead-letter-strategy, delivery-limit, target-group-size, queue-leader-locator, consumer-timeout, max-age, stream-max-segment-size-bytes, queue-master-locator, queue-mode, ha-mode, ha-params, ha-sync-mode, ha-sync-batch-size, ha-promote-on-shutdown, ha-promote-on-failure, alternate-exchange, federation-upstream, federation-upstream-set
          fix:     state what it sets, or remove the policy
        definitions.vhosts.orders.policies.wide.definition.target-group-size asks for more members than there are brokers to hold one
          given:   7
          allowed: at most 3: a queue of this topology can be spread over 3 brokers
          fix:     lower it, remove it for the default, or add brokers
        definitions.vhosts.orders.policies.far.definition.federation-upstream-set is a setting that a plug-in brings along
          given:   "all"
          allowed: federation-upstream-set with rabbitmq_federation in rabbitmq.plugins
          fix:     add rabbitmq_federation to rabbitmq.plugins
        definitions.vhosts.orders.policies.nothing.pattern is not a regular expression
          given:   "["
          allowed: a regular expression, e.g. '^orders\\.'; '.*' for all, '^$' for nothing
          fix:     close what is open, or put a \\ before a character that is meant as it is"
    `);
  });
});
