import { mirroredBrokerNames } from '../../plan/sizing.ts';
import { suggest } from '../../suggest.ts';
import type { Problem } from '../problems.ts';
import type { Rule } from './rule.ts';

const section = 'mirroredCluster';
const policy = `${section}.policy`;
const related = [`${section}.brokers`, `${policy}.haMode`];

/** What a list of names gets wrong about the brokers that there are. */
function unknownNames(path: string, given: readonly string[], names: readonly string[]): Problem[] {
  return given.flatMap((name, index) => {
    const near = suggest(name, names);
    const at = `${path}[${index}]`;
    const rest = { value: name, allowed: names.join(', '), related: [`${section}.brokers`] };
    if (!names.includes(name)) {
      const fix = near === undefined ? 'remove it, or name one of these' : `did you mean ${near}?`;
      return [{ path: at, what: 'names no broker of the cluster', fix, ...rest }];
    }
    return given.indexOf(name) === index
      ? []
      : [{ path: at, what: 'is named twice', fix: 'remove one of the two', ...rest }];
  });
}

const knownRamNodes: Rule = ({ mirroredCluster: { brokers, ramNodes } }) =>
  unknownNames(`${section}.ramNodes`, ramNodes, mirroredBrokerNames(brokers));

const someDiscNode: Rule = ({ mirroredCluster: { brokers, ramNodes } }) =>
  mirroredBrokerNames(brokers).some((name) => !ramNodes.includes(name))
    ? []
    : [
        {
          path: `${section}.ramNodes`,
          what: 'are all brokers: a cluster without a disc node forgets every definition when it stops',
          value: ramNodes.join(', '),
          allowed: `at most ${brokers - 1} of the ${brokers} brokers`,
          fix: 'take one out, better two: a cluster needs a disc node to be up for every start',
          related: [`${section}.brokers`],
        },
      ];

const fittingParams: Rule = ({ mirroredCluster: { brokers, policy: given } }) => {
  const { haMode, haParams } = given;
  const path = `${policy}.haParams`;
  const names = mirroredBrokerNames(brokers);
  const problem = (what: string, allowed: string, fix: string): Problem[] => [
    {
      path,
      what,
      ...(haParams === undefined ? {} : { value: JSON.stringify(haParams) }),
      allowed,
      fix,
      related,
    },
  ];
  if (haMode === 'all') {
    return haParams === undefined
      ? []
      : problem('has no meaning with haMode all', 'nothing with haMode all', 'remove the line');
  }
  if (haMode === 'exactly') {
    const allowed = `a number of copies from 2 to mirroredCluster.brokers: ${brokers}`;
    if (typeof haParams === 'object') {
      return problem(
        'lists names, which haMode exactly does not take',
        allowed,
        'set haMode: nodes',
      );
    }
    if (haParams === undefined || (haParams >= 2 && haParams <= brokers)) return [];
    return haParams > brokers
      ? problem('asks for more copies than there are brokers', allowed, `set ${brokers} or less`)
      : problem('leaves a master without a mirror', allowed, 'set 2 or more');
  }
  if (typeof haParams !== 'object' || haParams.length === 0) {
    return problem(
      haParams === undefined ? 'is missing: haMode nodes needs names' : 'names no node',
      `at least two of ${names.join(', ')}`,
      'list the brokers that hold a copy, or set haMode: exactly with a number',
    );
  }
  const unknown = unknownNames(path, haParams, names);
  return unknown.length > 0 || haParams.length > 1
    ? unknown
    : problem(
        'leaves a master without a mirror',
        `at least two of ${names.join(', ')}`,
        'name one more broker',
      );
};

const splitByMajority: Rule = ({ mirroredCluster: { brokers, partitionHandling } }) =>
  partitionHandling !== 'pause_minority' || brokers % 2 === 1
    ? []
    : [
        {
          path: `${section}.partitionHandling`,
          what:
            brokers === 2
              ? 'would stop both brokers when one is lost: one of two is no majority'
              : 'would stop every broker when half of them is lost or cut off: a half is no majority',
          value: partitionHandling,
          allowed: `autoheal or ignore with ${brokers} brokers; pause_minority with an odd number`,
          fix: `set mirroredCluster.brokers: ${brokers + 1}, or remove the line for autoheal`,
          related: [`${section}.brokers`],
        },
      ];

export const mirroredClusterRules: readonly Rule[] = [
  knownRamNodes,
  someDiscNode,
  fittingParams,
  splitByMajority,
];
