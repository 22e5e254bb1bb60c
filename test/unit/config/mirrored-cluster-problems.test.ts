import { describe, expect, it } from 'vitest';
import { loadEnvironment } from '../../../infra/config/load.ts';
import { mirroringPolicyProblems } from '../../../infra/config/rules/mirroring-definitions.ts';
import { answer } from '../../lib/config-answers.ts';

const mirrored = (mirroredCluster: object, rest: object = {}): string =>
  answer({ topology: 'mirrored-cluster', mirroredCluster, ...rest });
const policy = (keys: object): string => mirrored({ policy: keys });

describe('RAM nodes', () => {
  it('are not all brokers', () => {
    expect(mirrored({ brokers: 2, ramNodes: ['rabbit-1', 'rabbit-2'] })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        mirroredCluster.ramNodes are all brokers: a cluster without a disc node forgets every definition when it stops
          given:   rabbit-1, rabbit-2
          allowed: at most 1 of the 2 brokers
          fix:     take one out, better two: a cluster needs a disc node to be up for every start"
    `);
  });
  it('are brokers, each named once', () => {
    expect(mirrored({ ramNodes: ['rabbit-4', 'rabbit-2', 'rabbit-2'] })).toMatchInlineSnapshot(`
      "the config of stack trial has 2 problems
        mirroredCluster.ramNodes[0] names no broker of the cluster
          given:   rabbit-4
          allowed: rabbit-1, rabbit-2, rabbit-3
          fix:     did you mean rabbit-1?
        mirroredCluster.ramNodes[2] is named twice
          given:   rabbit-2
          allowed: rabbit-1, rabbit-2, rabbit-3
          fix:     remove one of the two"
    `);
  });
});

describe('ha-params', () => {
  it('of exactly is a number', () => {
    expect(policy({ haMode: 'exactly', haParams: ['rabbit-1'] })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        mirroredCluster.policy.haParams lists names, which haMode exactly does not take
          given:   ["rabbit-1"]
          allowed: a number of copies from 2 to mirroredCluster.brokers: 3
          fix:     set haMode: nodes"
    `);
  });
  it('of exactly is not more than there are brokers', () => {
    expect(policy({ haMode: 'exactly', haParams: 4 })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        mirroredCluster.policy.haParams asks for more copies than there are brokers
          given:   4
          allowed: a number of copies from 2 to mirroredCluster.brokers: 3
          fix:     set 3 or less"
    `);
  });
  it('of exactly leaves a mirror', () => {
    expect(policy({ haMode: 'exactly', haParams: 1 })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        mirroredCluster.policy.haParams leaves a master without a mirror
          given:   1
          allowed: a number of copies from 2 to mirroredCluster.brokers: 3
          fix:     set 2 or more"
    `);
  });
  it('of nodes are there', () => {
    expect(policy({ haMode: 'nodes' })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        mirroredCluster.policy.haParams is missing: haMode nodes needs names
          allowed: at least two of rabbit-1, rabbit-2, rabbit-3
          fix:     list the brokers that hold a copy, or set haMode: exactly with a number"
    `);
  });
  it('of nodes name some', () => {
    expect(policy({ haMode: 'nodes', haParams: [] })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        mirroredCluster.policy.haParams names no node
          given:   []
          allowed: at least two of rabbit-1, rabbit-2, rabbit-3
          fix:     list the brokers that hold a copy, or set haMode: exactly with a number"
    `);
  });
  it('of nodes name brokers', () => {
    expect(policy({ haMode: 'nodes', haParams: ['rabbit-1', 'rabit-2'] })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        mirroredCluster.policy.haParams[1] names no broker of the cluster
          given:   rabit-2
          allowed: rabbit-1, rabbit-2, rabbit-3
          fix:     did you mean rabbit-2?"
    `);
  });
  it('of nodes leave a mirror', () => {
    expect(policy({ haMode: 'nodes', haParams: ['rabbit-1'] })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        mirroredCluster.policy.haParams leaves a master without a mirror
          given:   ["rabbit-1"]
          allowed: at least two of rabbit-1, rabbit-2, rabbit-3
          fix:     name one more broker"
    `);
  });
  it('of all have no meaning', () => {
    expect(policy({ haMode: 'all', haParams: 2 })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        mirroredCluster.policy.haParams has no meaning with haMode all
          given:   2
          allowed: nothing with haMode all
          fix:     remove the line"
    `);
  });
  it('are a number or names', () => {
    expect(policy({ haParams: 'two' })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        mirroredCluster.policy.haParams is neither a number of copies nor a list of brokers
          given:   "two"
          allowed: a whole number with haMode exactly, a list of broker names with nodes
          fix:     change mirroredCluster.policy.haParams in the stack file"
    `);
  });
});

describe('a split network', () => {
  it('is not decided by the half of two', () => {
    expect(mirrored({ brokers: 2, partitionHandling: 'pause_minority' })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        mirroredCluster.partitionHandling would stop both brokers when one is lost: one of two is no majority
          given:   pause_minority
          allowed: autoheal or ignore with 2 brokers; pause_minority with an odd number
          fix:     set mirroredCluster.brokers: 3, or remove the line for autoheal"
    `);
  });
  it('is not decided by the half of four', () => {
    expect(mirrored({ brokers: 4, partitionHandling: 'pause_minority' })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        mirroredCluster.partitionHandling would stop every broker when half of them is lost or cut off: a half is no majority
          given:   pause_minority
          allowed: autoheal or ignore with 4 brokers; pause_minority with an odd number
          fix:     set mirroredCluster.brokers: 5, or remove the line for autoheal"
    `);
  });
  it('wants a third zone where a majority decides', () => {
    expect(mirrored({}, { network: { zones: ['a', 'b'] } })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        network.zones are too few: without a third zone the loss of one can take the majority
          given:   a, b
          allowed: at least 3 zones with 3 brokers and pause_minority
          fix:     add a zone, or set mirroredCluster.brokers: 2, which two zones are enough for"
    `);
    const two = { topology: 'mirrored-cluster', mirroredCluster: { brokers: 2 } };
    expect(() =>
      loadEnvironment({ ...two, network: { zones: ['a', 'b'] } }, undefined, 'trial'),
    ).not.toThrow();
  });
});

it('weights are of its own brokers', () => {
  expect(mirrored({ weights: { 'broker-1': 2 } })).toMatchInlineSnapshot(`
    "the config of stack trial has one problem
      mirroredCluster.weights.broker-1 is a weight for a broker that does not exist
        given:   2
        allowed: rabbit-1, rabbit-2, rabbit-3
        fix:     remove the line"
  `);
});

it('one broker is no cluster', () => {
  expect(mirrored({ brokers: 1 })).toMatchInlineSnapshot(`
    "the config of stack trial has one problem
      mirroredCluster.brokers is too small
        given:   1
        allowed: at least 2
        fix:     change mirroredCluster.brokers in the stack file"
  `);
});

describe('definitions', () => {
  const config = (topology: string) => loadEnvironment({ topology }, undefined, 'trial');

  it('with a mirroring policy are refused on RabbitMQ 4', () => {
    const given = { 'ha-mode': 'all', 'max-length': 3 };
    expect(mirroringPolicyProblems(config('warren'), 'p.definition', given)).toMatchInlineSnapshot(`
      [
        {
          "allowed": "no ha- keys; quorum queues keep copies on several brokers by themselves",
          "fix": "remove it, or choose topology: mirrored-cluster",
          "path": "p.definition.ha-mode",
          "related": [
            "topology",
          ],
          "value": ""all"",
          "what": "is for mirrored queues, which RabbitMQ 4 does not have",
        },
      ]
    `);
    expect(mirroringPolicyProblems(config('mirrored-cluster'), 'p.definition', given)).toEqual([]);
  });

  it('with ha-params must name nodes of the cluster', () => {
    const check = (nodes: readonly string[]) =>
      mirroringPolicyProblems(config('mirrored-cluster'), 'p', {
        'ha-mode': 'nodes',
        'ha-params': nodes,
      });
    expect(check(['rabbit@rabbit-1.trial.internal', 'rabbit@rabbit-9'])).toMatchInlineSnapshot(`
      [
        {
          "allowed": "rabbit@rabbit-1.trial.internal, rabbit@rabbit-2.trial.internal, rabbit@rabbit-3.trial.internal",
          "fix": "name these nodes, or set ha-mode: exactly with a number",
          "path": "p.ha-params",
          "related": [
            "mirroredCluster.brokers",
            "domain",
          ],
          "value": "["rabbit@rabbit-9"]",
          "what": "names nodes that the cluster does not have",
        },
      ]
    `);
    expect(check([])).toMatchObject([{ path: 'p.ha-params', what: 'names no node' }]);
    expect(check(['rabbit@rabbit-1.trial.internal', 'rabbit@rabbit-2.trial.internal'])).toEqual([]);
  });
});
