import { describe, expect, it } from 'vitest';
import { answer, balancing, cluster } from '../../lib/config-answers.ts';

describe('shape', () => {
  it('wants an environment', () => {
    expect(answer(undefined)).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        rabbitmq-ha-kit:environment is missing
          allowed: a section of keys, at least \`topology\`
          fix:     start from a file under stacks/"
    `);
  });
  it('wants a section, also as override', () => {
    expect(answer('warren', ['topology'])).toMatchInlineSnapshot(`
      "the config of stack trial has 2 problems
        rabbitmq-ha-kit:environment is not a section of keys
          given:   "warren"
          allowed: a section of keys, at least \`topology\`
          fix:     start from a file under stacks/
        rabbitmq-ha-kit:override is not a section of keys
          given:   ["topology"]
          allowed: a section of keys, at least \`topology\`
          fix:     pulumi config rm rabbitmq-ha-kit:override"
    `);
  });
  it('wants a topology', () => {
    expect(answer({})).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        topology is missing
          allowed: quorum-cluster, mirrored-cluster, warren, drbd-pacemaker
          fix:     set topology in the stack file"
    `);
  });
  it('suggests a near topology', () => {
    expect(answer({ topology: 'quorumcluster' })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        topology is not a known value
          given:   "quorumcluster"
          allowed: quorum-cluster, mirrored-cluster, warren, drbd-pacemaker
          fix:     did you mean quorum-cluster?"
    `);
  });
  it('suggests a near key', () => {
    expect(cluster({ brokrs: { memory: '2GiB' } })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        brokrs is not a known key
          allowed: target, topology, frontEnd, domain, network, brokers, quorumCluster, mirroredCluster, warren, drbdPacemaker, haproxyKeepalived, lvsKeepalived, external, rabbitmq, rig, aws, tls, definitions, monitoring
          fix:     did you mean brokers?"
    `);
  });
  it('finds the section that a misplaced key belongs to', () => {
    expect(cluster({ netTicktime: '30s' })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        netTicktime is not a known key
          allowed: target, topology, frontEnd, domain, network, brokers, quorumCluster, mirroredCluster, warren, drbdPacemaker, haproxyKeepalived, lvsKeepalived, external, rabbitmq, rig, aws, tls, definitions, monitoring
          fix:     move it to quorumCluster.netTicktime or mirroredCluster.netTicktime"
    `);
  });
  it('finds it deep in the config, and at its top', () => {
    const misplaced = { queues: { orders: {} }, warren: { frontEnd: 'direct' } };
    expect(cluster(misplaced)).toMatchInlineSnapshot(`
      "the config of stack trial has 2 problems
        warren.frontEnd is not a known key
          allowed: metadataStore, failBack
          fix:     move it to frontEnd
        queues is not a known key
          allowed: target, topology, frontEnd, domain, network, brokers, quorumCluster, mirroredCluster, warren, drbdPacemaker, haproxyKeepalived, lvsKeepalived, external, rabbitmq, rig, aws, tls, definitions, monitoring
          fix:     move it to definitions.vhosts.NAME.queues"
    `);
    expect(cluster({ definitions: { queues: [{ name: 'orders' }] } })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        definitions.queues is not a known key
          allowed: replace, users, vhosts
          fix:     move it to definitions.vhosts.NAME.queues"
    `);
  });
  it('lists keys where nothing is near', () => {
    expect(cluster({ warren: { colour: 'blue' } })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        warren.colour is not a known key
          allowed: metadataStore, failBack
          fix:     remove warren.colour"
    `);
  });
  it('takes no passwords and never repeats one', () => {
    const text = cluster({
      rabbitmq: { password: 'hunter2', users: { application: { token: 'hunter2' } } },
    });
    expect(text).not.toContain('hunter2');
    expect(text).toMatchInlineSnapshot(`
      "the config of stack trial has 2 problems
        rabbitmq.users.application has a wrong form
          given:   {"token":"(hidden)"}
          allowed: lower-case letters, digits, _ . - and never guest
          fix:     change rabbitmq.users.application in the stack file
        rabbitmq.password is not a known key
          allowed: heartbeat, users, backlog, fileHandles, channelMax, plugins
          fix:     remove rabbitmq.password: passwords and the cookie are generated, and no field takes one"
    `);
  });
  it('wants sections where sections are', () => {
    expect(cluster({ haproxyKeepalived: 'seed' })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        haproxyKeepalived is of the wrong type
          given:   "seed"
          allowed: a section of keys: profile, balance, healthCheck, maxConnections, timeouts, retries, redispatch, logging, statistics, virtualAddress, vrrp, balancers
          fix:     change haproxyKeepalived in the stack file"
    `);
  });
  it('knows the kinds of values', () => {
    expect(
      cluster({
        domain: 'Not A Domain',
        network: { zones: 'abc', clients: ['10.1.2.3/8'], cidr: '10.77.0.0/99' },
        quorumCluster: { brokers: 3.5 },
        haproxyKeepalived: { virtualAddress: '10.77.0.999', statistics: { path: 'stats' } },
      }),
    ).toMatchInlineSnapshot(`
      "the config of stack trial has 7 problems
        domain has a wrong form
          given:   "Not A Domain"
          allowed: a DNS name in lower case of at most 50 letters, e.g. rig-quorum.internal
          fix:     change domain in the stack file
        network.cidr is not a network
          given:   "10.77.0.0/99"
          allowed: IPv4 CIDR such as 10.77.0.0/16
          fix:     change network.cidr in the stack file
        network.zones is of the wrong type
          given:   "abc"
          allowed: a list
          fix:     change network.zones in the stack file
        network.clients[0] has host bits set
          given:   "10.1.2.3/8"
          allowed: the first address of the network, a slash and the prefix length
          fix:     write 10.0.0.0/8
        quorumCluster.brokers is not a size of a cluster
          given:   3.5
          allowed: an odd number from 3 to 7
          fix:     set 3, the default
        haproxyKeepalived.statistics.path has a wrong form
          given:   "stats"
          allowed: a path that begins with /, e.g. /stats
          fix:     change haproxyKeepalived.statistics.path in the stack file
        haproxyKeepalived.virtualAddress is not an address
          given:   "10.77.0.999"
          allowed: IPv4 address such as 10.77.0.10
          fix:     change haproxyKeepalived.virtualAddress in the stack file"
    `);
  });
});

describe('quantities', () => {
  it('want a unit', () => {
    expect(cluster({ brokers: { memory: 2 } })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        brokers.memory is not a size that fits
          given:   2
          allowed: a size from 512MiB to 1024GiB (units MiB, GiB)
          fix:     write a unit, e.g. 512MiB"
    `);
  });
  it('want a known unit', () => {
    expect(cluster({ brokers: { memory: '2GB' } })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        brokers.memory is not a size that fits
          given:   "2GB"
          allowed: a size from 512MiB to 1024GiB (units MiB, GiB)
          fix:     change brokers.memory in the stack file"
    `);
  });
  it('want whole seconds where files hold no less', () => {
    expect(cluster({ rabbitmq: { heartbeat: '10500ms' } })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        rabbitmq.heartbeat is not a duration that fits
          given:   "10500ms"
          allowed: a duration from 5s to 600s in steps of 1s (units ms, s, m, h)
          fix:     change rabbitmq.heartbeat in the stack file"
    `);
  });
});

describe('everything at once', () => {
  it('reports mistakes and contradictions in one answer', () => {
    expect(
      answer(
        { topology: 'quorum-cluster', brokers: { memmory: '2GiB' }, quorumCluster: { brokers: 4 } },
        { topology: 'waren', haproxyKeepalived: { timeouts: { check: '2s' } } },
      ),
    ).toMatchInlineSnapshot(`
      "the config of stack trial has 4 problems
        topology is not a known value
          given:   "waren"
          allowed: quorum-cluster, mirrored-cluster, warren, drbd-pacemaker
          fix:     did you mean warren?
        brokers.memmory is not a known key
          allowed: memory, disk, memoryWatermark, diskFreeLimit
          fix:     did you mean memory?
        quorumCluster.brokers is even: the last broker costs and survives no further failure
          given:   4
          allowed: an odd number from 3 to 7
          fix:     set 3 or 5
        haproxyKeepalived.timeouts.check is longer than the interval, so that a silent broker delays its own next check
          given:   2s
          allowed: at most haproxyKeepalived.healthCheck.interval: 500ms
          fix:     shorten the timeout or lengthen the interval"
    `);
  });
  it('stays silent about what a broken field would decide', () => {
    const text = balancing({ healthCheck: { inteval: '5s' }, timeouts: { check: '2s' } });
    expect(text).toContain('has one problem');
    expect(text).toContain('did you mean interval?');
  });
});
