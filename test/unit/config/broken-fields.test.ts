import { describe, expect, it } from 'vitest';
import { loadEnvironment } from '../../../infra/config/load.ts';
import { ConfigError, isAtOrBelow, pathText } from '../../../infra/config/problems.ts';
import { answer, cluster } from '../../lib/config-answers.ts';

/** Free of contradictions, with fields that hold each other up. */
const quorum = {
  topology: 'quorum-cluster',
  network: {
    cidr: '10.80.0.0/16',
    zones: ['x', 'y', 'z'],
    subnets: { front: '10.90.0.0/20', z: '10.91.0.0/20' },
    clients: ['192.168.7.0/24'],
  },
  brokers: { memory: '2GiB', memoryWatermark: '1400MiB', diskFreeLimit: '3GiB', disk: '8GiB' },
  quorumCluster: {
    brokers: 5,
    weights: { 'broker-1': 0, 'broker-5': 2 },
    metadataStore: 'mnesia',
    partitionHandling: 'autoheal',
  },
  haproxyKeepalived: {
    profile: 'seed',
    healthCheck: { interval: '6s', fastInterval: '5500ms' },
    timeouts: { check: '5500ms', client: '40s', server: '40s' },
    maxConnections: { process: 9000, proxy: 8500 },
    virtualAddress: '10.90.14.9',
    vrrp: { version: 3, advertInterval: '1500ms', passwordAuthentication: false },
  },
  rabbitmq: {
    heartbeat: '20s',
    users: { administrator: 'application', application: 'shop' },
    plugins: ['rabbitmq_consistent_hash_exchange', 'rabbitmq_federation'],
  },
  rig: { ports: { amqp: 20001, statistics: 20002 } },
  tls: {
    enabled: true,
    betweenNodes: true,
    names: ['mq.example.org'],
    plainListeners: 'keep',
    validity: { certificates: '300d', authority: '310d' },
  },
  definitions: {
    users: { anna: { tags: ['monitoring'], password: 'given' } },
    vhosts: {
      orders: {
        defaultQueueType: 'classic',
        permissions: { anna: { read: '.*' }, shop: { write: '.*' } },
        topicPermissions: { anna: { news: { read: '.*' } } },
        exchanges: {
          news: { type: 'topic', arguments: { 'alternate-exchange': 'late' } },
          late: { type: 'x-consistent-hash' },
        },
        queues: {
          paid: { arguments: { 'x-max-priority': 5, 'x-dead-letter-exchange': 'late' } },
          log: { type: 'stream', arguments: { 'x-initial-cluster-size': 5, 'x-max-age': '7D' } },
          safe: {
            type: 'quorum',
            arguments: {
              'x-dead-letter-strategy': 'at-least-once',
              'x-dead-letter-exchange': 'news',
              'x-overflow': 'reject-publish',
            },
          },
        },
        bindings: [
          { source: 'news', queue: 'paid', routingKey: 'a.#' },
          { source: 'news', queue: 'paid', routingKey: 'b.#' },
          { source: 'late', exchange: 'news' },
        ],
        policies: {
          far: {
            pattern: '^a',
            applyTo: 'exchanges',
            definition: { 'federation-upstream-set': 'all', 'alternate-exchange': 'late' },
          },
          aged: { pattern: '^l', applyTo: 'streams', definition: { 'max-age': '3D' } },
        },
        operatorPolicies: { cap: { pattern: '.*', definition: { 'target-group-size': 5 } } },
      },
    },
  },
};

const mirrored = {
  topology: 'mirrored-cluster',
  network: { zones: ['x', 'y'] },
  mirroredCluster: {
    brokers: 4,
    ramNodes: ['rabbit-4'],
    weights: { 'rabbit-4': 7 },
    partitionHandling: 'autoheal',
    policy: { haMode: 'nodes', haParams: ['rabbit-1', 'rabbit-4'] },
  },
  definitions: {
    vhosts: {
      old: {
        queues: {
          lazy: { type: 'classic', arguments: { 'x-queue-mode': 'lazy' } },
          spread: { type: 'quorum', arguments: { 'x-quorum-initial-group-size': 4 } },
        },
        policies: {
          two: {
            pattern: '^t',
            definition: { 'ha-mode': 'nodes', 'ha-params': ['rabbit@rabbit-4.trial.internal'] },
          },
        },
      },
    },
  },
};

const direct = {
  topology: 'quorum-cluster',
  frontEnd: 'direct',
  quorumCluster: { brokers: 5 },
  monitoring: { enabled: true },
  rig: { ports: { 'amqp/broker-5': 20001, monitoring: 20002 } },
};

const passwords = { anna: 'secret' } as const;

type Path = readonly (string | number)[];

/** Every place of a config, sections and entries of lists too. */
const placesIn = (value: unknown, path: Path = []): Path[] => [
  ...(path.length === 0 ? [] : [path]),
  ...(typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, child]) =>
        placesIn(child, [...path, Array.isArray(value) ? Number(key) : key]),
      )
    : []),
];

/** The same config with one value replaced. */
function changed(value: unknown, [key, ...rest]: Path, put: unknown): unknown {
  if (key === undefined) return put;
  if (Array.isArray(value)) {
    return value.with(Number(key), changed(value[Number(key)], rest, put));
  }
  return Object.fromEntries(
    Object.entries(value as object).map(([name, child]: [string, unknown]) => [
      name,
      name === key ? changed(child, rest, put) : child,
    ]),
  );
}

/** Paths that the answer names. */
function named(environment: unknown, given: Readonly<Record<string, 'secret'>>): string[] {
  try {
    loadEnvironment(environment, undefined, 'trial', given);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(({ path }) => path);
    throw error;
  }
}

describe('a broken field', () => {
  const cases = [
    { name: 'quorum-cluster', config: quorum, given: passwords },
    { name: 'mirrored-cluster', config: mirrored, given: {} },
    { name: 'environment without front end', config: direct, given: {} },
  ];
  it.each(cases)('of a sound $name is all that its answer names', ({ config, given }) => {
    expect(named(config, given)).toEqual([]);
    const places = placesIn(config);
    expect(places.length).toBeGreaterThan(5);
    const consequences = places.flatMap((path) => {
      const where = pathText(path);
      // No field takes this, neither as a value nor as a section.
      const answers = named(changed(config, path, -0.5), given);
      expect(answers, where).not.toEqual([]);
      // A list that takes something else too is answered for as a whole.
      const list = typeof path.at(-1) === 'number' ? pathText(path.slice(0, -1)) : undefined;
      const others = answers.filter((at) => at !== list && !isAtOrBelow(at, where));
      return others.map((at) => `${at}, of ${where}`);
    });
    expect(consequences).toEqual([]);
  });
  it('of a list leaves the places of the others alone', () => {
    expect(
      cluster({
        network: { clients: ['10.1.2.3/8', '10.77.5.0/24'] },
        definitions: {
          vhosts: {
            orders: {
              queues: { paid: {} },
              bindings: [{ sorce: 'amq.direct', queue: 'paid' }, { queue: 'paid' }],
            },
          },
        },
        rabbitmq: { users: { administrator: 'shop', application: 'shop' } },
      }),
    ).toMatchInlineSnapshot(`
      "the config of stack trial has 5 problems
        network.clients[0] has host bits set
          given:   "10.1.2.3/8"
          allowed: the first address of the network, a slash and the prefix length
          fix:     write 10.0.0.0/8
        definitions.vhosts.orders.bindings[0].source is missing
          allowed: text
          fix:     set definitions.vhosts.orders.bindings[0].source in the stack file
        definitions.vhosts.orders.bindings[0].sorce is not a known key
          allowed: source, queue, exchange, routingKey, arguments
          fix:     did you mean source?
        definitions.vhosts.orders.bindings[1].source is missing
          allowed: text
          fix:     set definitions.vhosts.orders.bindings[1].source in the stack file
        rabbitmq.users.application is the administrator: applications must not hold its rights
          given:   shop
          allowed: any name but that of rabbitmq.users.administrator
          fix:     give the two users different names"
    `);
  });
  it('hides no contradiction of fields whose names begin alike, nor between others', () => {
    expect(
      cluster({
        network: { zones: ['a', 'B!'] },
        definitions: {
          vhosts: {
            a: { queues: { paid: 'quorum', late: {} }, exchanges: { news: { type: 'topik' } } },
            ab: {
              bindings: [
                { source: 'amq.direct', queue: 'paid' },
                { source: 'nws', queue: 'late' },
              ],
              exchanges: { news: {} },
              queues: { late: {} },
            },
          },
        },
        haproxyKeepalived: { profile: 'sed', statistics: { port: 5672 } },
      }),
    ).toMatchInlineSnapshot(`
      "the config of stack trial has 7 problems
        network.zones[1] has a wrong form
          given:   "B!"
          allowed: lower-case letters, digits and -, starting with a letter
          fix:     change network.zones[1] in the stack file
        haproxyKeepalived.profile is not a known value
          given:   "sed"
          allowed: fast, seed
          fix:     did you mean seed?
        definitions.vhosts.a.exchanges.news.type is not a known value
          given:   "topik"
          allowed: direct, fanout, topic, headers, x-local-random, x-consistent-hash, x-modulus-hash, x-random, x-recent-history
          fix:     did you mean topic?
        definitions.vhosts.a.queues.paid is of the wrong type
          given:   "quorum"
          allowed: a section of keys: type, arguments
          fix:     change definitions.vhosts.a.queues.paid in the stack file
        haproxyKeepalived.statistics.port is the port of a balanced service
          given:   5672
          allowed: any port but 5671, 5672, 15671, 15672
          fix:     choose another port, e.g. 8100
        definitions.vhosts.ab.bindings[0].queue is a queue that this vhost does not define
          given:   "paid"
          allowed: late
          fix:     define the queue, or change the name
        definitions.vhosts.ab.bindings[1].source is an exchange that this vhost does not define
          given:   "nws"
          allowed: news, amq.direct, amq.fanout, amq.headers, amq.match, amq.rabbitmq.trace, amq.topic
          fix:     did you mean news?"
    `);
  });
  it('does not hide a password that is missing, unless it is about that user', () => {
    const definitions = { users: { anna: { password: 'given' }, ben: { pasword: 'given' } } };
    expect(answer({ topology: 'waren', definitions }, undefined, { ben: 'secret', carl: 'plain' }))
      .toMatchInlineSnapshot(`
        "the config of stack trial has 4 problems
          topology is not a known value
            given:   "waren"
            allowed: quorum-cluster, mirrored-cluster, warren, drbd-pacemaker
            fix:     did you mean warren?
          definitions.users.ben.pasword is not a known key
            allowed: tags, password
            fix:     did you mean password?
          rabbitmq-ha-kit:password-anna is missing: definitions.users.anna says that its password is given
            allowed: a secret
            fix:     npm run pulumi -- config set --secret rabbitmq-ha-kit:password-anna; or remove \`password: given\` for a generated one
          rabbitmq-ha-kit:password-carl is a password in plain text: stack files are read by many
            given:   (hidden)
            allowed: a secret
            fix:     npm run pulumi -- config set --secret rabbitmq-ha-kit:password-carl; and consider this password known"
      `);
  });
});
