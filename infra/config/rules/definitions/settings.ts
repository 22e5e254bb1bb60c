import { type BrokerFacts, factsOf } from '../../definitions/facts.ts';
import type { Settings } from '../../definitions/settings.ts';
import type { Problem } from '../../problems.ts';
import type { EnvironmentConfig } from '../../schema.ts';

/** What arguments of queues and policies have in common: who knows them, how far queues spread. */

export type Given = Readonly<Record<string, unknown>>;

export const factsFor = (config: EnvironmentConfig): BrokerFacts => factsOf(config);

const keysFor = (settings: Settings, facts: BrokerFacts, types: readonly string[]): string[] =>
  Object.entries(settings)
    .filter(
      ([, { of, version, typeVersions = {} }]) =>
        fits(version, facts) &&
        of.some(
          (type) =>
            types.includes(type) && (type === 'exchange' || fits(typeVersions[type], facts)),
        ),
    )
    .map(([key]) => key);

const fits = (version: string | undefined, facts: BrokerFacts): boolean =>
  version === undefined || version === facts.version;

/** Settings of one section that its release or its kind does not know. */
export function unknownSettings(
  { path, given, settings, types, typesFrom }: SettingsPlace,
  facts: BrokerFacts,
  subject: string,
): Problem[] {
  const known = keysFor(settings, facts, types);
  return Object.entries(given)
    .filter(([key, value]) => value !== undefined && !known.includes(key))
    .map(([key, value]) => {
      const { of = [], version, typeVersions = {} } = settings[key] ?? {};
      const foreign = !fits(version, facts);
      const knowing = of.filter((type) => type === 'exchange' || fits(typeVersions[type], facts));
      return {
        path: `${path}.${key}`,
        what: foreign
          ? `is not known to RabbitMQ ${facts.version}, which this topology runs`
          : `is not known to ${subject}${knowing.length < of.length ? ` of RabbitMQ ${facts.version}` : ''}, only to ${knowing.join(', ')}`,
        value: JSON.stringify(value),
        allowed: known.join(', '),
        fix:
          foreign || knowing.length < of.length
            ? replacementOf(key)
            : 'remove it, or change the type',
        related: ['topology', ...typesFrom],
      };
    });
}

export interface SettingsPlace {
  readonly path: string;
  readonly given: Given;
  readonly settings: Settings;
  /** Kinds that it may speak about. */
  readonly types: readonly string[];
  /** Paths of the fields that decide on these kinds. */
  readonly typesFrom: readonly string[];
}

function replacementOf(key: string): string {
  if (key.endsWith('queue-mode') || key.endsWith('queue-version')) {
    return 'remove it: every classic queue works like that by now';
  }
  if (key === 'x-queue-leader-locator') {
    return 'x-queue-master-locator: min-masters is its balanced; or remove it, or change the type';
  }
  return 'remove it';
}

const sizes = [
  'x-quorum-initial-group-size',
  'x-quorum-target-group-size',
  'x-initial-cluster-size',
  'target-group-size',
];

export const groupSizes = (
  { path, given }: Pick<SettingsPlace, 'path' | 'given'>,
  facts: BrokerFacts,
) =>
  sizes.flatMap((key): Problem[] => {
    const size = given[key];
    if (typeof size !== 'number' || size <= facts.members) return [];
    const members = facts.members === 1 ? 'one broker' : `${facts.members} brokers`;
    return [
      {
        path: `${path}.${key}`,
        what: 'asks for more members than there are brokers to hold one',
        value: String(size),
        allowed: `at most ${facts.members}: a queue of this topology can be spread over ${members}`,
        fix: 'lower it, remove it for the default, or add brokers',
        related: ['topology', 'quorumCluster.brokers', 'mirroredCluster.brokers'],
      },
    ];
  });
