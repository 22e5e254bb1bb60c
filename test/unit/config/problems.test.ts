import { describe, expect, it } from 'vitest';
import { loadEnvironment } from '../../../infra/config/load.ts';
import { ConfigError } from '../../../infra/config/problems.ts';

/** The whole answer to a config, as people see it. */
function answer(environment: unknown, override?: unknown): string {
  try {
    loadEnvironment(environment, override, 'trial');
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error('the config was accepted');
}

const cluster = (rest: object): string => answer({ topology: 'quorum-cluster', ...rest });
const balancing = (rest: object): string => cluster({ haproxyKeepalived: rest });

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
          allowed: quorum-cluster, warren
          fix:     set topology in the stack file"
    `);
  });
  it('suggests a near topology', () => {
    expect(answer({ topology: 'quorumcluster' })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        topology is not a known value
          given:   "quorumcluster"
          allowed: quorum-cluster, warren
          fix:     did you mean quorum-cluster?"
    `);
  });
  it('suggests a near key', () => {
    expect(cluster({ brokrs: { memory: '2GiB' } })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        brokrs is not a known key
          allowed: target, topology, frontEnd, domain, network, brokers, quorumCluster, warren, haproxyKeepalived, rabbitmq
          fix:     did you mean brokers?"
    `);
  });
  it('finds the section that a misplaced key belongs to', () => {
    expect(cluster({ netTicktime: '30s' })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        netTicktime is not a known key
          allowed: target, topology, frontEnd, domain, network, brokers, quorumCluster, warren, haproxyKeepalived, rabbitmq
          fix:     move it to quorumCluster.netTicktime"
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

describe('target', () => {
  it('aws comes later', () => {
    expect(cluster({ target: 'aws' })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        target is known but not available yet: it comes with a later release
          given:   aws
          allowed: rig
          fix:     set target: rig, or remove the line"
    `);
  });
});

describe('network', () => {
  it('is private', () => {
    expect(cluster({ network: { cidr: '8.0.0.0/16' } })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        network.cidr is not a private network, and would hide real hosts of the internet
          given:   8.0.0.0/16
          allowed: inside 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10
          fix:     choose a private network, e.g. 10.77.0.0/16"
    `);
  });
  it('is large enough', () => {
    expect(cluster({ network: { cidr: '10.77.0.0/20' } })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        network.cidr is too small to be cut into sixteen subnets with a range for each role
          given:   10.77.0.0/20
          allowed: a prefix of /18 or shorter
          fix:     choose a larger network, or state each subnet under network.subnets"
    `);
  });
  it('has zones of different names', () => {
    expect(cluster({ network: { zones: ['a', 'b', 'a', 'front'] } })).toMatchInlineSnapshot(`
      "the config of stack trial has 2 problems
        network.zones[2] is named twice
          given:   a
          allowed: names that differ, none of them \`front\`
          fix:     rename the zone or remove it
        network.zones[3] is the name of the network that spans zones
          given:   front
          allowed: names that differ, none of them \`front\`
          fix:     rename the zone or remove it"
    `);
  });
  it('has stated subnets of known zones, large enough', () => {
    const subnets = { font: '10.78.0.0/20', b: '10.79.0.0/24' };
    expect(cluster({ network: { subnets } })).toMatchInlineSnapshot(`
      "the config of stack trial has 2 problems
        network.subnets.font belongs to no zone
          given:   10.78.0.0/20
          allowed: front, a, b, c
          fix:     did you mean front?
        network.subnets.b is too small for the ranges of its roles
          given:   10.79.0.0/24
          allowed: a prefix of /22 or shorter
          fix:     choose a larger subnet, or remove the line for a computed one"
    `);
  });
  it('has subnets that do not overlap', () => {
    const subnets = { a: '10.77.48.0/20', b: '10.78.0.0/16', front: '10.78.4.0/22' };
    expect(cluster({ network: { subnets } })).toMatchInlineSnapshot(`
      "the config of stack trial has 2 problems
        network.subnets.a overlaps computed subnet c, 10.77.48.0/20
          given:   10.77.48.0/20
          allowed: subnets that share no address
          fix:     choose another range for one of the two
        network.subnets.b overlaps network.subnets.front, 10.78.4.0/22
          given:   10.78.0.0/16
          allowed: subnets that share no address
          fix:     choose another range for one of the two"
    `);
  });
  it('is not where clients are', () => {
    expect(cluster({ network: { clients: ['10.0.0.0/8'] } })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        network.clients[0] overlaps network.cidr, 10.77.0.0/16
          given:   10.0.0.0/8
          allowed: networks outside the environment
          fix:     remove it, narrow it, or move the environment with network.cidr"
    `);
  });
});

describe('virtual address', () => {
  it.each([
    ['10.77.16.10', 'is outside the front network'],
    ['10.77.0.1', 'is taken by the network'],
    ['10.77.15.255', 'is taken by the network'],
    ['10.77.1.11', "is in the balancers' own range"],
  ])('%s %s', (virtualAddress, what) => {
    expect(balancing({ virtualAddress })).toContain(`virtualAddress ${what}`);
  });
  it('is explained', () => {
    expect(balancing({ virtualAddress: '10.77.1.12' })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        haproxyKeepalived.virtualAddress is in the balancers' own range
          given:   10.77.1.12
          allowed: an address of 10.77.0.0/20 outside 10.77.1.0/24, neither the router's nor the network's own
          fix:     choose another address, or remove the line for a computed one"
    `);
  });
});

describe('front end', () => {
  it('keeps idle AMQP connections', () => {
    const rest = { timeouts: { client: '15s', server: '15s' } };
    expect(balancing(rest)).toMatchInlineSnapshot(`
      "the config of stack trial has 2 problems
        haproxyKeepalived.timeouts.client would cut idle AMQP connections between two heartbeats
          given:   15s
          allowed: at least twice rabbitmq.heartbeat: 20s
          fix:     raise the timeout or shorten the heartbeat
        haproxyKeepalived.timeouts.server would cut idle AMQP connections between two heartbeats
          given:   15s
          allowed: at least twice rabbitmq.heartbeat: 20s
          fix:     raise the timeout or shorten the heartbeat"
    `);
  });
  it('checks within its interval', () => {
    expect(balancing({ timeouts: { check: '2s' } })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        haproxyKeepalived.timeouts.check is longer than the interval, so that a silent broker delays its own next check
          given:   2s
          allowed: at most haproxyKeepalived.healthCheck.interval: 500ms
          fix:     shorten the timeout or lengthen the interval"
    `);
  });
  it('checks faster, not slower, when in doubt', () => {
    expect(balancing({ healthCheck: { fastInterval: '1s' } })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        haproxyKeepalived.healthCheck.fastInterval is slower than the normal interval
          given:   1s
          allowed: at most haproxyKeepalived.healthCheck.interval: 500ms
          fix:     shorten it or lengthen the interval"
    `);
  });
  it('limits a proxy below the process', () => {
    expect(balancing({ maxConnections: { process: 100 } })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        haproxyKeepalived.maxConnections.proxy is more than the whole process takes
          given:   8000
          allowed: at most haproxyKeepalived.maxConnections.process: 100
          fix:     lower it or raise the limit of the process"
    `);
  });
  it('has the statistics page on a port of its own', () => {
    expect(balancing({ statistics: { port: 5672 } })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        haproxyKeepalived.statistics.port is the port of a balanced service
          given:   5672
          allowed: any port but 5672 and 15672
          fix:     choose another port, e.g. 8100"
    `);
  });
  it('keeps to what VRRP version 2 can say', () => {
    expect(balancing({ profile: 'seed', vrrp: { advertInterval: '250ms' } }))
      .toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        haproxyKeepalived.vrrp.advertInterval is no whole number of seconds, which is all that VRRP version 2 carries
          given:   250ms
          allowed: whole seconds with version 2
          fix:     round it to seconds, or set vrrp.version: 3"
    `);
  });
  it('keeps to what VRRP version 3 can say', () => {
    const vrrp = { advertInterval: '255ms', passwordAuthentication: true };
    expect(balancing({ vrrp })).toMatchInlineSnapshot(`
      "the config of stack trial has 2 problems
        haproxyKeepalived.vrrp.advertInterval is finer than VRRP version 3 carries
          given:   255ms
          allowed: multiples of 10ms with version 3
          fix:     round it to 10ms
        haproxyKeepalived.vrrp.passwordAuthentication does not exist in VRRP version 3
          given:   true
          allowed: false with version 3
          fix:     set it to false, or set vrrp.version: 2"
    `);
  });
  it('prefers one balancer', () => {
    expect(balancing({ vrrp: { priorities: { first: 90 } } })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        haproxyKeepalived.vrrp.priorities.first is not above the second, so that two balancers could claim the address at once
          given:   90
          allowed: more than vrrp.priorities.second: 90
          fix:     raise the first or lower the second"
    `);
  });
  it('tracks HAProxy within its interval', () => {
    expect(balancing({ vrrp: { check: { timeout: '2s' } } })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        haproxyKeepalived.vrrp.check.timeout is longer than the interval, so that checks would overlap
          given:   2s
          allowed: at most vrrp.check.interval: 300ms
          fix:     shorten the timeout or lengthen the interval"
    `);
  });
  it('has profiles', () => {
    expect(balancing({ profile: 'sed' })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        haproxyKeepalived.profile is not a known value
          given:   "sed"
          allowed: fast, seed
          fix:     did you mean seed?"
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
          allowed: quorum-cluster, warren
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
