import type { BrokerFacts } from '../../definitions/facts.ts';
import type { VhostConfig } from '../../definitions/schema.ts';
import { operatorSettings, policySettings, queueTypes } from '../../definitions/settings.ts';
import type { Problem } from '../../problems.ts';
import { mirroringPolicyProblems } from '../mirroring-definitions.ts';
import type { Rule } from '../rule.ts';
import { vhostsOf } from './names.ts';
import {
  factsFor,
  type Given,
  groupSizes,
  type SettingsPlace,
  unknownSettings,
} from './settings.ts';

const kindsOfPolicy: Readonly<Record<string, readonly string[]>> = {
  all: [...queueTypes, 'exchange'],
  queues: queueTypes,
  exchanges: ['exchange'],
  quorum_queues: ['quorum'],
  classic_queues: ['classic'],
  streams: ['stream'],
};

const policies: Rule = (config) => {
  const facts = factsFor(config);
  return vhostsOf(config).flatMap(({ vhost, path }) =>
    policyPlaces(vhost, path).flatMap(({ at, applyTo, definition, settings }) => {
      const place = {
        path: `${at}.definition`,
        given: facts.version === '4.0' ? withoutMirroring(definition) : definition,
        settings,
        types: kindsOfPolicy[applyTo] ?? [],
        typesFrom: [`${at}.applyTo`],
      };
      return [
        ...unknownSettings(place, facts, `a policy for ${applyTo}`),
        ...groupSizes(place, facts),
        ...mirroringPolicyProblems(config, place.path, definition),
        ...emptyDefinition({ ...place, given: definition }),
        ...newerTarget(at, applyTo, facts),
      ];
    }),
  );
};

/** Mirroring has a rule of its own. */
const withoutMirroring = (definition: Given): Given =>
  Object.fromEntries(Object.entries(definition).filter(([key]) => !key.startsWith('ha-')));

const policyPlaces = ({ policies: own, operatorPolicies }: VhostConfig, path: string) => [
  ...Object.entries(own).map(([name, { applyTo, definition }]) => ({
    at: `${path}.policies.${name}`,
    applyTo,
    definition,
    settings: policySettings,
  })),
  ...Object.entries(operatorPolicies).map(([name, { applyTo, definition }]) => ({
    at: `${path}.operatorPolicies.${name}`,
    applyTo,
    definition,
    settings: operatorSettings,
  })),
];

const emptyDefinition = ({ path, given, settings }: SettingsPlace): Problem[] =>
  Object.keys(given).length > 0
    ? []
    : [
        {
          path,
          what: 'is empty: the policy would do nothing but keep others from working',
          allowed: Object.keys(settings).join(', '),
          fix: 'state what it sets, or remove the policy',
        },
      ];

function newerTarget(at: string, applyTo: string, { version }: BrokerFacts): Problem[] {
  if (version !== '3.10' || ['all', 'queues', 'exchanges'].includes(applyTo)) return [];
  return [
    {
      path: `${at}.applyTo`,
      what: 'is not known to RabbitMQ 3.10, which this topology runs',
      value: applyTo,
      allowed: 'all, queues, exchanges',
      fix: 'use queues, with a pattern that names those you mean',
      related: ['topology'],
    },
  ];
}

const federationPlugin: Rule = (config) =>
  config.rabbitmq.plugins.includes('rabbitmq_federation')
    ? []
    : vhostsOf(config).flatMap(({ vhost, path }) =>
        Object.entries(vhost.policies).flatMap(([name, { definition }]) =>
          Object.keys(definition)
            .filter((key) => key.startsWith('federation-'))
            .map((key) => ({
              path: `${path}.policies.${name}.definition.${key}`,
              what: 'is a setting that a plug-in brings along',
              value: JSON.stringify(definition[key]),
              allowed: `${key} with rabbitmq_federation in rabbitmq.plugins`,
              fix: 'add rabbitmq_federation to rabbitmq.plugins',
              related: ['rabbitmq.plugins'],
            })),
        ),
      );

export const policyRules: readonly Rule[] = [policies, federationPlugin];
