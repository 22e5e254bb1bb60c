import { typeOfQueue } from '../../definitions/facts.ts';
import { queueArguments, type QueueType } from '../../definitions/settings.ts';
import type { Problem } from '../../problems.ts';
import type { Rule } from '../rule.ts';
import { vhostsOf } from './names.ts';
import { factsFor, groupSizes, type SettingsPlace, unknownSettings } from './settings.ts';

/** What the topology's brokers can hold: types of queues, and what these know. */

const queueSettings: Rule = (config) => {
  const facts = factsFor(config);
  return vhostsOf(config).flatMap(({ vhost, path }) =>
    Object.entries(vhost.queues).flatMap(([name, queue]) => {
      const type = typeOfQueue(queue.type, vhost.defaultQueueType, facts);
      const typesFrom =
        queue.type === undefined
          ? [`${path}.queues.${name}.type`, `${path}.defaultQueueType`, 'topology']
          : [];
      const place = {
        path: `${path}.queues.${name}.arguments`,
        given: queue.arguments,
        settings: queueArguments,
        types: [type],
        typesFrom,
      };
      return [
        ...unknownSettings(place, facts, `queues of type ${type}`),
        ...groupSizes(place, facts),
        ...safeDeadLetters(place, type),
      ];
    }),
  );
};

/** RabbitMQ falls back to at-most-once without a word when one of these is missing. */
function safeDeadLetters(
  { path, given, typesFrom }: Pick<SettingsPlace, 'path' | 'given' | 'typesFrom'>,
  type: QueueType,
): Problem[] {
  if (given['x-dead-letter-strategy'] !== 'at-least-once' || type !== 'quorum') return [];
  const lacking = [
    ...(given['x-overflow'] === 'reject-publish' ? [] : ['x-overflow: reject-publish']),
    ...(given['x-dead-letter-exchange'] === undefined ? ['x-dead-letter-exchange'] : []),
  ];
  if (lacking.length === 0) return [];
  return [
    {
      path: `${path}.x-dead-letter-strategy`,
      what: 'has no effect without the settings that it builds on',
      value: 'at-least-once',
      allowed: 'at-least-once together with x-dead-letter-exchange and x-overflow: reject-publish',
      fix: `add ${lacking.join(' and ')}`,
      related: [`${path}.x-overflow`, `${path}.x-dead-letter-exchange`, ...typesFrom],
    },
  ];
}

const streamsNeedACluster: Rule = (config) => {
  const facts = factsFor(config);
  if (facts.streams) return [];
  return vhostsOf(config).flatMap(({ vhost, path }) =>
    [
      { at: `${path}.defaultQueueType`, type: vhost.defaultQueueType },
      ...Object.entries(vhost.queues).map(([name, { type }]) => ({
        at: `${path}.queues.${name}.type`,
        type,
      })),
    ]
      .filter(({ type }) => type === 'stream')
      .map(({ at }) => ({
        path: at,
        what: `is something that topology ${config.topology} cannot hold: a stream is read, not emptied, so what the standby took would never come back`,
        value: 'stream',
        allowed: 'quorum, classic',
        fix: 'choose another type, or a topology with one cluster',
        related: ['topology'],
      })),
  );
};

const defaultTypeNeedsNewer: Rule = (config) => {
  const { version } = factsFor(config);
  if (version !== '3.10') return [];
  return vhostsOf(config)
    .filter(({ vhost }) => vhost.defaultQueueType !== undefined)
    .map(({ vhost, path }) => ({
      path: `${path}.defaultQueueType`,
      what: 'is not known to RabbitMQ 3.10, which this topology runs',
      value: vhost.defaultQueueType,
      allowed: 'nothing with this topology',
      fix: 'remove it and state the type of each queue',
      related: ['topology'],
    }));
};

export const holdingRules: readonly Rule[] = [
  queueSettings,
  streamsNeedACluster,
  defaultTypeNeedsNewer,
];
