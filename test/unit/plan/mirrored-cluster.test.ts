import { describe, expect, it } from 'vitest';
import type { MirroredClusterContext } from '../../../infra/plan/contexts.ts';
import { imagesOf } from '../../../infra/plan/model.ts';
import { ofRole, plan } from '../../lib/plans.ts';

const mirrored = (mirroredCluster: object = {}) => plan('mirrored-cluster', { mirroredCluster });

const contexts = (settings: object = {}): MirroredClusterContext[] =>
  ofRole(mirrored(settings), 'broker').map(
    ({ files }) =>
      files.find(({ template }) => template.endsWith('20-cluster.conf.hbs'))
        ?.context as unknown as MirroredClusterContext,
  );

describe('mirrored-cluster', () => {
  it('is of Debian 12, behind balancers of Debian 13', () => {
    expect(imagesOf(mirrored())).toEqual(['bookworm', 'trixie']);
    expect(imagesOf(plan('quorum-cluster'))).toEqual(['trixie']);
  });

  it('stands beside the brokers of every other topology during a swap', () => {
    const seats = ['quorum-cluster', 'mirrored-cluster', 'warren'] as const;
    const brokers = seats.flatMap((topology) => ofRole(plan(topology), 'broker'));
    expect(new Set(brokers.map(({ name }) => name)).size).toBe(8);
    expect(new Set(brokers.map(({ address }) => address)).size).toBe(8);
  });

  it.each([
    [2, 'autoheal', 2],
    [3, 'pause_minority', 2],
    [4, 'autoheal', 3],
    [5, 'pause_minority', 3],
  ])('of %i brokers has %s and %i copies of a queue', (brokers, handling, copies) => {
    const [first] = contexts({ brokers });
    expect(first?.partitionHandling).toBe(handling);
    expect(first?.policy.definition).toMatchObject({ 'ha-mode': 'exactly', 'ha-params': copies });
  });

  it('waits for synchronised mirrors unless told otherwise', () => {
    expect(contexts()[0]?.policy.definition).toEqual({
      'ha-mode': 'exactly',
      'ha-params': 2,
      'ha-sync-mode': 'automatic',
      'ha-sync-batch-size': 4096,
      'ha-promote-on-failure': 'when-synced',
      'ha-promote-on-shutdown': 'when-synced',
    });
  });

  it('takes every choice of the policy, and names nodes as RabbitMQ does', () => {
    const policy = {
      pattern: '^hello',
      applyTo: 'all',
      priority: 3,
      haMode: 'nodes',
      haParams: ['rabbit-2', 'rabbit-3'],
      haSyncMode: 'manual',
      haSyncBatchSize: 1,
      haPromoteOnFailure: 'always',
      haPromoteOnShutdown: 'always',
    };
    expect(contexts({ policy })[0]?.policy).toEqual({
      pattern: '^hello',
      'apply-to': 'all',
      priority: 3,
      definition: {
        'ha-mode': 'nodes',
        'ha-params': ['rabbit@rabbit-2.trial.internal', 'rabbit@rabbit-3.trial.internal'],
        'ha-sync-mode': 'manual',
        'ha-sync-batch-size': 1,
        'ha-promote-on-failure': 'always',
        'ha-promote-on-shutdown': 'always',
      },
    });
    expect(contexts({ policy: { haMode: 'all' } })[0]?.policy.definition).not.toHaveProperty(
      'ha-params',
    );
  });

  it('is founded by one disc node, and nodes keep their type for life', () => {
    const made = contexts({ ramNodes: ['rabbit-1'] });
    expect(made.map(({ nodeType }) => nodeType)).toEqual(['ram', 'disc', 'disc']);
    expect(made.map(({ founder }) => founder)).toEqual([false, true, false]);
    expect(mirrored({ ramNodes: ['rabbit-1'] }).settled).toMatchObject({
      'mirroredCluster.ramNodes, rabbit-1': 'ram',
      'mirroredCluster.ramNodes, rabbit-2': 'disc',
    });
  });

  it('stops a broker only while its queues have other copies', () => {
    expect(contexts()[0]?.restart).toEqual({
      checks: ['node-is-quorum-critical', 'node-is-mirror-sync-critical'],
      queueType: 'classic',
    });
  });
});
