import { type BrokerFacts, factsOf, typeOfQueue } from '../config/definitions/facts.ts';
import { passwordKey } from '../config/definitions/passwords.ts';
import type { VhostConfig } from '../config/definitions/schema.ts';
import type { EnvironmentConfig } from '../config/schema.ts';
import {
  bindingPath,
  inVhost,
  type Item,
  topicPermissionPath,
  userPath,
  vhostPath,
} from '../definitions/items.ts';
import type { MirroringDefinition } from './contexts.ts';
import type { DefinitionsPlan, SecretPlan } from './model.ts';
import { topologyModules } from './topologies/index.ts';
import type { BrokerSite } from './topologies/topology.ts';

type Entry = readonly [path: string, item: Item];

/**
 * What the config wants brokers to hold, item by item.
 * @param brokers those that are to hold it
 */
export function planDefinitions(
  config: EnvironmentConfig,
  brokers: readonly BrokerSite[],
): DefinitionsPlan {
  const { definitions } = config;
  const facts = factsOf(config);
  const mirroring = topologyModules[config.topology].mirroring?.(config, brokers);
  const users = Object.entries(definitions.users);
  const entries: Entry[] = [
    ...users.map(([name, { tags }]): Entry => [userPath(name), { tags: tags.toSorted() }]),
    ...Object.entries(definitions.vhosts).flatMap(([name, vhost]) => [
      ...vhostItself(name, vhost, config, facts),
      ...access(name, vhost),
      ...policies(name, vhost, mirroring),
      ...routing(name, vhost, facts),
    ]),
  ];
  return {
    items: Object.fromEntries(entries),
    logins: users.map(([user]) => ({ user, secret: passwordName(user) })),
    replace: definitions.replace,
  };
}

const passwordName = (user: string): string => `user-${user}-password`;

/** The passwords of the config's users, generated unless given. */
export const userSecrets = ({ definitions }: EnvironmentConfig): SecretPlan[] =>
  Object.entries(definitions.users).map(([user, { password }]) => ({
    name: passwordName(user),
    kind: 'password',
    why: `AMQP as ${user}`,
    ...(password === 'given' ? { given: passwordKey(user) } : {}),
  }));

/** Names of those that the user keeps in parameters: no host fetches them, operations ask a broker's host. */
export const broughtUserSecrets = (config: EnvironmentConfig): string[] =>
  config.target !== 'aws'
    ? []
    : userSecrets(config)
        .map(({ name }) => name)
        .filter((name) => name in config.aws.secrets.parameters);

function vhostItself(
  name: string,
  { description, defaultQueueType, limits }: VhostConfig,
  { rabbitmq: { users } }: EnvironmentConfig,
  { version, queueType }: BrokerFacts,
): Entry[] {
  const limit = (key: string, value: number | undefined): Entry[] =>
    value === undefined ? [] : [[inVhost('vhost-limits', name, key), { value }]];
  const everything = { configure: '.*', write: '.*', read: '.*' };
  const own: Entry[] = [
    [
      vhostPath(name),
      {
        description: description ?? '',
        ...(version === '3.10' ? {} : { default_queue_type: defaultQueueType ?? queueType }),
      },
    ],
    // For the management pages, and for the shovels of a swap.
    [inVhost('permissions', name, users.administrator), everything],
  ];
  return [
    // Every broker has this one from its start.
    ...(name === '/' ? [] : own),
    ...limit('max-connections', limits.maxConnections),
    ...limit('max-queues', limits.maxQueues),
  ];
}

const access = (name: string, { permissions, topicPermissions }: VhostConfig): Entry[] => [
  ...Object.entries(permissions).map(([user, permission]): Entry => [
    inVhost('permissions', name, user),
    permission,
  ]),
  ...Object.entries(topicPermissions).flatMap(([user, byExchange]) =>
    Object.entries(byExchange).map(([exchange, permission]): Entry => [
      topicPermissionPath(name, user, exchange),
      permission,
    ]),
  ),
];

const policies = (
  name: string,
  vhost: VhostConfig,
  mirroring: MirroringDefinition | undefined,
): Entry[] =>
  (['policies', 'operatorPolicies'] as const).flatMap((section) =>
    Object.entries(vhost[section]).map(([policy, { pattern, applyTo, priority, definition }]) => [
      inVhost(section === 'policies' ? 'policies' : 'operator-policies', name, policy),
      {
        pattern,
        'apply-to': applyTo,
        priority,
        definition:
          section === 'policies' && applyTo !== 'exchanges'
            ? mirrored(stated(definition), mirroring)
            : stated(definition),
      },
    ]),
  );

/**
 * Of all policies that match a queue RabbitMQ takes one: each that may match a queue says how to mirror
 * it, unless it says so itself, else the queue would lose its mirrors to a policy that limits its length.
 */
const mirrored = (definition: Item, mirroring: MirroringDefinition | undefined): Item =>
  'ha-mode' in definition ? definition : { ...definition, ...mirroring };

function routing(name: string, vhost: VhostConfig, facts: BrokerFacts): Entry[] {
  const exchanges = Object.entries(vhost.exchanges).map(
    ([exchange, { type, internal, ...rest }]) => {
      const item = { type, internal, arguments: stated(rest.arguments) };
      return [inVhost('exchanges', name, exchange), item] as const;
    },
  );
  const queues = Object.entries(vhost.queues).map(([queue, { type, arguments: given }]) => {
    const kind = typeOfQueue(type, vhost.defaultQueueType, facts);
    // A client of 3.10 that names no type declares a classic queue that names none.
    const named = facts.version === '3.10' && kind === 'classic' ? {} : { 'x-queue-type': kind };
    return [inVhost('queues', name, queue), { arguments: { ...stated(given), ...named } }] as const;
  });
  const bindings = vhost.bindings.map(({ source, queue, exchange, routingKey, ...rest }) => {
    const path = bindingPath({
      vhost: name,
      source,
      destination: queue ?? exchange ?? '',
      destinationType: queue === undefined ? 'exchange' : 'queue',
      routingKey,
      arguments: rest.arguments,
    });
    return [path, {}] as const;
  });
  return [...exchanges, ...queues, ...bindings];
}

/** Without the keys that were left out. */
const stated = (settings: Readonly<Record<string, Item[string] | undefined>>): Item =>
  Object.fromEntries(
    Object.entries(settings).filter(
      (entry): entry is [string, Item[string]] => entry[1] !== undefined,
    ),
  );
