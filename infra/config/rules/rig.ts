import { accessPoints } from '../../plan/endpoints.ts';
import { planEnvironment } from '../../plan/environment.ts';
import { suggest } from '../../suggest.ts';
import type { Rule } from './rule.ts';

const path = (name: string): string => `rig.ports.${name}`;

/** What decides on the access points that there are. */
const decisive = [
  'frontEnd',
  'topology',
  'quorumCluster.brokers',
  'mirroredCluster.brokers',
  'network.zones',
  'monitoring.enabled',
];

/** Where clients connect follows from front end and topology: the plan knows. */
const knownAccessPoints: Rule = (config) => {
  const stated = Object.entries(config.rig.ports);
  if (stated.length === 0) return [];
  const names = accessPointsOf(config);
  if (names === undefined) return [];
  return stated
    .filter(([name]) => !names.includes(name))
    .map(([name, port]) => {
      const near = suggest(name, names);
      return {
        path: path(name),
        what: `is a port for what front end ${config.frontEnd} does not offer`,
        value: String(port),
        allowed: names.join(', '),
        fix: near === undefined ? 'remove the line' : `did you mean ${near}? Else remove the line`,
        related: decisive,
      };
    });
};

/** Undefined for a config that other rules refuse. */
function accessPointsOf(config: Parameters<Rule>[0]): string[] | undefined {
  try {
    return accessPoints(planEnvironment(config).endpoints).map(({ name }) => name);
  } catch {
    return undefined;
  }
}

const distinctPorts: Rule = ({ rig: { ports } }) =>
  Object.entries(ports).flatMap(([name, port], index, all) => {
    const other = all.slice(0, index).find(([, taken]) => taken === port)?.[0];
    if (other === undefined) return [];
    return [
      {
        path: path(name),
        what: `is the port of ${other}`,
        value: String(port),
        allowed: 'another port for each',
        fix: 'change one of the two',
        related: [path(other)],
      },
    ];
  });

export const rigRules: readonly Rule[] = [knownAccessPoints, distinctPorts];
