import { describe, expect, it } from 'vitest';
import { cluster } from '../../lib/config-answers.ts';

describe('brokers', () => {
  it('are never one', () => {
    expect(cluster({ quorumCluster: { brokers: 1 } })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        quorumCluster.brokers is no cluster: a single broker survives no failure
          given:   1
          allowed: an odd number from 3 to 7
          fix:     set 3, the default"
    `);
  });
  it('are at most seven', () => {
    expect(cluster({ quorumCluster: { brokers: 9 } })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        quorumCluster.brokers is not a size of a cluster
          given:   9
          allowed: an odd number from 3 to 7
          fix:     set 3, the default"
    `);
  });
  it('are odd', () => {
    expect(cluster({ quorumCluster: { brokers: 2 } })).toContain('set 3, the default');
    expect(cluster({ quorumCluster: { brokers: 4 } })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        quorumCluster.brokers is even: the last broker costs and survives no further failure
          given:   4
          allowed: an odd number from 3 to 7
          fix:     set 3 or 5"
    `);
  });
  it('stand in three zones', () => {
    expect(cluster({ network: { zones: ['a', 'b'] } })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        network.zones are too few: without a third zone the loss of one can take the majority
          given:   a, b
          allowed: at least 3 zones with topology quorum-cluster
          fix:     add a zone, or choose topology: warren, which needs two"
    `);
  });
  it('have weights only where they exist', () => {
    expect(cluster({ quorumCluster: { weights: { 'broker-4': 2, worker: 1 } } }))
      .toMatchInlineSnapshot(`
      "the config of stack trial has 2 problems
        quorumCluster.weights.broker-4 is a weight for a broker that does not exist
          given:   2
          allowed: broker-1, broker-2, broker-3
          fix:     did you mean broker-1? Else remove the line
        quorumCluster.weights.worker is a weight for a broker that does not exist
          given:   1
          allowed: broker-1, broker-2, broker-3
          fix:     remove the line"
    `);
  });
  it('have a weight somewhere', () => {
    const weights = { 'broker-1': 0, 'broker-2': 0, 'broker-3': 0 };
    expect(cluster({ quorumCluster: { weights } })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        quorumCluster.weights are all 0, so that no broker would get a connection
          given:   {"broker-1":0,"broker-2":0,"broker-3":0}
          allowed: at least one broker above 0
          fix:     raise one weight, or remove the section"
    `);
  });
  it('handle partitions only with Mnesia', () => {
    expect(cluster({ quorumCluster: { partitionHandling: 'autoheal' } })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        quorumCluster.partitionHandling has no effect: Khepri decides by majority
          given:   autoheal
          allowed: nothing with metadataStore khepri
          fix:     remove the line, or set quorumCluster.metadataStore: mnesia"
    `);
  });
  it('need memory above the watermark', () => {
    expect(cluster({ brokers: { memoryWatermark: '800MiB' } })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        brokers.memoryWatermark leaves the broker too little room above it
          given:   800MiB
          allowed: at most 70 % of brokers.memory: 716MiB
          fix:     lower it, raise brokers.memory, or remove the line for 60 %"
    `);
  });
  it('need more free disk than the watermark', () => {
    expect(cluster({ brokers: { diskFreeLimit: '200MiB' } })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        brokers.diskFreeLimit is below the memory watermark, so that paging could fill the disk
          given:   200MiB
          allowed: at least the watermark: 614MiB
          fix:     raise it, or remove the line"
    `);
  });
  it('need a disk beside the free-disk limit', () => {
    expect(cluster({ brokers: { memory: '8GiB' } })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        brokers.disk is too small beside the free space that the broker insists on
          given:   4GiB
          allowed: at least twice the free-disk limit of 8GiB
          fix:     set brokers.disk: 16GiB"
    `);
  });
  it('never take guest, nor one user for both', () => {
    const users = { administrator: 'guest', application: 'root' };
    expect(cluster({ rabbitmq: { users } })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        rabbitmq.users.administrator has a wrong form
          given:   "guest"
          allowed: lower-case letters, digits, _ . - and never guest
          fix:     change rabbitmq.users.administrator in the stack file"
    `);
    const same = { administrator: 'root', application: 'root' };
    expect(cluster({ rabbitmq: { users: same } })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        rabbitmq.users.application is the administrator: applications must not hold its rights
          given:   root
          allowed: any name but that of rabbitmq.users.administrator
          fix:     give the two users different names"
    `);
  });
});
