import { suggest } from '../../../suggest.ts';
import { exchangePlugins, type VhostConfig } from '../../definitions/schema.ts';
import type { Problem } from '../../problems.ts';
import type { Rule } from '../rule.ts';
import { builtInExchanges, vhostsOf } from './names.ts';

/** What a name refers to must be in the same vhost of the config, or RabbitMQ's own. */

interface VhostAt {
  readonly vhost: VhostConfig;
  readonly path: string;
}

const exchangesOf = (vhost: VhostConfig): string[] => [
  ...Object.keys(vhost.exchanges),
  ...builtInExchanges,
];

/** @param vhost where the name is looked up, with the path of its section */
function missing(
  path: string,
  kind: 'exchange' | 'queue',
  name: string,
  { vhost, path: section }: VhostAt,
): Problem[] {
  const known = kind === 'exchange' ? exchangesOf(vhost) : Object.keys(vhost.queues);
  if (known.includes(name)) return [];
  const near = suggest(name, known);
  return [
    {
      path,
      what: `is ${kind === 'exchange' ? 'an exchange' : 'a queue'} that this vhost does not define`,
      value: JSON.stringify(name),
      allowed: known.length === 0 ? `none: the vhost has no ${kind}` : known.join(', '),
      fix: near === undefined ? `define the ${kind}, or change the name` : `did you mean ${near}?`,
      related: [`${section}.${kind}s.${name}`],
    },
  ];
}

const bindings: Rule = (config) =>
  vhostsOf(config).flatMap(({ vhost, path }) =>
    vhost.bindings.flatMap((binding, index) => {
      const here = `${path}.bindings[${index}]`;
      const { source, queue, exchange } = binding;
      if ((queue === undefined) === (exchange === undefined)) {
        return [
          {
            path: here,
            what: queue === undefined ? 'leads nowhere' : 'leads to two things',
            allowed: 'either `queue` or `exchange`',
            fix: 'state one of the two',
          },
        ];
      }
      if (source === '') {
        return [
          {
            path: `${here}.source`,
            what: 'is the default exchange, which leads to every queue by its name already',
            allowed: exchangesOf(vhost).join(', '),
            fix: 'remove the binding',
          },
        ];
      }
      return [
        ...missing(`${here}.source`, 'exchange', source, { vhost, path }),
        ...(queue === undefined
          ? missing(`${here}.exchange`, 'exchange', exchange ?? '', { vhost, path })
          : missing(`${here}.queue`, 'queue', queue, { vhost, path })),
      ];
    }),
  );

/** Settings whose value is the name of an exchange; the default exchange is there always. */
const pointers = ['x-dead-letter-exchange', 'dead-letter-exchange', 'alternate-exchange'];

const pointed: Rule = (config) =>
  vhostsOf(config).flatMap(({ vhost, path }) =>
    settingsIn(vhost, path).flatMap(({ path: here, settings }) =>
      pointers.flatMap((key) => {
        const name = settings[key];
        if (typeof name !== 'string' || (name === '' && key !== 'alternate-exchange')) return [];
        return missing(`${here}.${key}`, 'exchange', name, { vhost, path });
      }),
    ),
  );

interface SettingsAt {
  readonly path: string;
  readonly settings: Readonly<Record<string, unknown>>;
}

interface WithArguments {
  readonly arguments: SettingsAt['settings'];
}

/** Every section of settings of a vhost. */
function settingsIn(vhost: VhostConfig, path: string): SettingsAt[] {
  const { exchanges, queues, policies } = vhost;
  const told: Readonly<Record<string, Readonly<Record<string, WithArguments>>>> = {
    exchanges,
    queues,
  };
  return [
    ...Object.entries(told).flatMap(([kind, named]) =>
      Object.entries(named).map(([name, { arguments: settings }]) => ({
        path: `${path}.${kind}.${name}.arguments`,
        settings,
      })),
    ),
    ...Object.entries(policies).map(([name, { definition }]) => ({
      path: `${path}.policies.${name}.definition`,
      settings: definition,
    })),
  ];
}

const topicExchanges: Rule = (config) =>
  vhostsOf(config).flatMap(({ vhost, path }) =>
    Object.entries(vhost.topicPermissions).flatMap(([user, byExchange]) =>
      Object.keys(byExchange).flatMap((exchange) => {
        const here = `${path}.topicPermissions.${user}.${exchange}`;
        const type = vhost.exchanges[exchange]?.type;
        if (type === 'topic' || exchange === 'amq.topic') return [];
        if (type === undefined) return missing(here, 'exchange', exchange, { vhost, path });
        return [
          {
            path: here,
            what: 'has no effect: only topic exchanges have topics',
            value: type,
            allowed: 'exchanges of type topic',
            fix: 'remove it, or make the exchange a topic exchange',
            related: [`${path}.exchanges.${exchange}.type`],
          },
        ];
      }),
    ),
  );

const exchangePlugin: Rule = (config) =>
  vhostsOf(config).flatMap(({ vhost, path }) =>
    Object.entries(vhost.exchanges).flatMap(([name, { type }]) => {
      const plugin = exchangePlugins[type];
      if (plugin === undefined || config.rabbitmq.plugins.some((one) => one === plugin)) return [];
      return [
        {
          path: `${path}.exchanges.${name}.type`,
          what: 'is a type that a plug-in brings along',
          value: type,
          allowed: `${type} with ${plugin} in rabbitmq.plugins`,
          fix: `add ${plugin} to rabbitmq.plugins`,
          related: ['rabbitmq.plugins'],
        },
      ];
    }),
  );

/** The same binding twice is one; whoever wrote it meant another. */
const distinctBindings: Rule = (config) =>
  vhostsOf(config).flatMap(({ vhost, path }) => {
    const texts = vhost.bindings.map((binding) => JSON.stringify(binding));
    return texts.flatMap((text, index) => {
      const first = texts.indexOf(text);
      if (first === index) return [];
      return [
        {
          path: `${path}.bindings[${index}]`,
          what: `repeats bindings[${first}]`,
          value: text,
          allowed: 'bindings that differ in source, destination, key or arguments',
          fix: 'remove it',
        },
      ];
    });
  });

export const referenceRules: readonly Rule[] = [
  bindings,
  distinctBindings,
  pointed,
  topicExchanges,
  exchangePlugin,
];
