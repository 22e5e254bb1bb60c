import { suggest } from '../../../suggest.ts';
import type { Problem } from '../../problems.ts';
import type { EnvironmentConfig } from '../../schema.ts';
import type { Rule } from '../rule.ts';

/** Queues and policies that the kit makes for itself. */
const ownPrefix = 'rabbitmq-ha-kit.';
/** RabbitMQ's own, in every vhost. */
export const builtInExchanges = [
  'amq.direct',
  'amq.fanout',
  'amq.headers',
  'amq.match',
  'amq.rabbitmq.trace',
  'amq.topic',
];

/** As the protocol limits names; control characters would only hide in lists. */
const isName = (name: string): boolean =>
  name !== '' && Buffer.byteLength(name) <= 255 && !/\p{Cc}/u.test(name);

const wrongName = (path: string, name: string): Problem => ({
  path,
  what: 'is not a name that RabbitMQ can hold',
  value: JSON.stringify(name),
  allowed: '1 to 255 bytes without control characters',
  fix: 'choose another name',
});

const fittingNames: Rule = ({ definitions: { users, vhosts } }) => [
  ...misnamed('definitions.users', users),
  ...misnamed('definitions.vhosts', vhosts),
  ...Object.entries(vhosts).flatMap(([vhost, { exchanges, queues, policies, operatorPolicies }]) =>
    Object.entries({ exchanges, queues, policies, operatorPolicies }).flatMap(([kind, named]) =>
      misnamed(`definitions.vhosts.${vhost}.${kind}`, named),
    ),
  ),
];

const misnamed = (path: string, named: Readonly<Record<string, unknown>>): Problem[] =>
  Object.keys(named)
    .filter((name) => !isName(name))
    .map((name) => wrongName(`${path}.${JSON.stringify(name)}`, name));

/** Users of the config need no quoting anywhere: their passwords are named after them. */
const userForm = /^[a-z][a-z0-9_.-]{0,62}$/;

const ownUsers: Rule = ({ definitions, rabbitmq }) =>
  Object.keys(definitions.users).flatMap((name) => {
    const path = `definitions.users.${name}`;
    const generated = Object.values(rabbitmq.users).includes(name);
    if (generated || name === 'guest') {
      return [
        {
          path,
          what: generated
            ? 'is a user that the kit makes by itself'
            : 'is the user whose password everybody knows',
          allowed: `any name but ${Object.values(rabbitmq.users).join(', ')}, guest`,
          fix: generated
            ? 'remove it here, or rename the one under rabbitmq.users'
            : 'choose another name',
          related: ['rabbitmq.users'],
        },
      ];
    }
    if (userForm.test(name)) return [];
    return [
      {
        path,
        what: 'has a wrong form',
        allowed: 'lower-case letters, digits, _ . - starting with a letter, at most 63',
        fix: 'choose another name',
      },
    ];
  });

const reservedNames: Rule = ({ definitions: { vhosts } }) =>
  Object.entries(vhosts).flatMap(([vhost, { exchanges, queues, policies }]) =>
    Object.entries({ exchanges, queues, policies }).flatMap(([kind, named]) =>
      Object.keys(named).flatMap((name) => {
        const prefix = ['amq.', ownPrefix].find((reserved) => name.startsWith(reserved));
        if (prefix === undefined) return [];
        const owner = prefix === 'amq.' ? 'RabbitMQ' : 'the kit';
        return [
          {
            path: `definitions.vhosts.${vhost}.${kind}.${name}`,
            what: `has a name that ${owner} keeps for itself`,
            allowed: `names that do not begin with amq. or ${ownPrefix}`,
            fix: 'choose another name',
          },
        ];
      }),
    ),
  );

/** The kit's own definitions, which brokers load at their start, hold this one. */
const rootVhost: Rule = ({ definitions: { vhosts } }) => {
  const root = vhosts['/'];
  if (root === undefined) return [];
  return (['description', 'defaultQueueType'] as const)
    .filter((key) => root[key] !== undefined)
    .map((key) => ({
      path: `definitions.vhosts./.${key}`,
      what: 'belongs to the vhost that every broker has from its start',
      value: root[key],
      allowed: 'everything else in /; all in a vhost of your own',
      fix: 'remove the line, or make a vhost of your own',
    }));
};

const knownUsers: Rule = ({ definitions, rabbitmq }) => {
  const known = [...Object.keys(definitions.users), rabbitmq.users.application];
  const related = ['definitions.users', 'rabbitmq.users'];
  return Object.entries(definitions.vhosts).flatMap(([vhost, { permissions, topicPermissions }]) =>
    Object.entries({ permissions, topicPermissions }).flatMap(([kind, byUser]) =>
      Object.keys(byUser)
        .filter((user) => !known.includes(user))
        .map((user) => {
          const path = `definitions.vhosts.${vhost}.${kind}.${user}`;
          if (user === rabbitmq.users.administrator) {
            return {
              path,
              what: 'is for the administrator, who has every permission everywhere',
              allowed: known.join(', '),
              fix: 'remove it',
              related,
            };
          }
          const near = suggest(user, known);
          return {
            path,
            what: 'is for a user that does not exist',
            allowed: known.join(', '),
            fix:
              near === undefined
                ? `add the user under definitions.users, or remove it`
                : `did you mean ${near}?`,
            related,
          };
        }),
    ),
  );
};

const applicationInRoot: Rule = ({ definitions: { vhosts }, rabbitmq: { users } }) =>
  vhosts['/']?.permissions[users.application] === undefined
    ? []
    : [
        {
          path: `definitions.vhosts./.permissions.${users.application}`,
          what: 'clashes with the permission that the kit gives this user in /',
          allowed: 'permissions of users of your own in /; of this one in other vhosts',
          fix: 'make a user of your own with less, and let clients use that one',
          related: ['rabbitmq.users'],
        },
      ];

export const nameRules: readonly Rule[] = [
  fittingNames,
  ownUsers,
  reservedNames,
  rootVhost,
  knownUsers,
  applicationInRoot,
];

/** Every vhost of the config with the path of its section. */
export const vhostsOf = ({ definitions }: EnvironmentConfig) =>
  Object.entries(definitions.vhosts).map(([name, vhost]) => ({
    name,
    vhost,
    path: `definitions.vhosts.${name}`,
  }));
