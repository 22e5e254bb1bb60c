import { describe, expect, it } from 'vitest';
import type { Channel, LiveHost } from '../../../infra/operations/channel.ts';
import type { ClusterAnswer } from '../../../infra/operations/cluster/answers.ts';
import { clusterHosts } from '../../../infra/operations/cluster/ask.ts';
import { failOver, whyNotFailOver } from '../../../infra/operations/cluster/failover.ts';
import { clusterStatus, clusterTroubles } from '../../../infra/operations/cluster/status.ts';

type Cluster = NonNullable<ClusterAnswer['cluster']>;
type Disk = NonNullable<ClusterAnswer['disk']>;

/** What a host says while all is well and the broker is on drbd-a. */
function saying(host: 'drbd-a' | 'drbd-b', on = 'drbd-a', disk: Partial<Disk> = {}): ClusterAnswer {
  const resource = { agent: '', failed: false, blocked: false };
  return {
    cluster: {
      quorate: true,
      members: ['drbd-a', 'drbd-b'].map((name) => ({ name, online: true, unclean: false })),
      resources: [{ ...resource, id: 'broker', role: 'Started', host: on }],
      keptOff: [],
      failures: [],
      fencing: [],
    },
    rings: [{ link: 0, address: '10.77.2.11', peers: { '2': 'connected' } }],
    votes: { expected: 3, total: 3 },
    disk: {
      connection: 'Connected',
      role: host === on ? 'Primary' : 'Secondary',
      peerRole: host === on ? 'Secondary' : 'Primary',
      state: 'UpToDate',
      peerState: 'UpToDate',
      syncPercent: null,
      outOfSyncKiB: 0,
      ...disk,
    },
    onlyCopy: null,
  };
}

const but = (answer: ClusterAnswer, cluster: Partial<Cluster>): ClusterAnswer => ({
  ...answer,
  cluster: answer.cluster && { ...answer.cluster, ...cluster },
});

const both = (...answers: readonly [ClusterAnswer, ClusterAnswer]) =>
  new Map([
    ['drbd-a', answers[0]],
    ['drbd-b', answers[1]],
  ]);

describe('status of the cluster', () => {
  it('has no troubles in health', () => {
    const status = clusterStatus(both(saying('drbd-a'), saying('drbd-b')));
    expect(status).toMatchObject({ quorate: true, brokerHost: 'drbd-a' });
    expect(status && clusterTroubles(status)).toEqual([]);
  });

  it('has none of a failure that was mended, and one of a resource that runs nowhere', () => {
    const power = {
      id: 'power',
      agent: '',
      role: 'Stopped',
      host: null,
      failed: true,
      blocked: false,
    };
    const failures = [{ host: 'drbd-a', operation: 'broker_monitor_5000', reason: 'not running' }];
    const mended = but(saying('drbd-a'), { failures });
    const status = clusterStatus(both(mended, saying('drbd-b')));
    expect(status?.failures).toEqual(['broker_monitor_5000 on drbd-a: not running']);
    expect(status && clusterTroubles(status)).toEqual([]);
    const { cluster } = mended;
    const unfenced = but(mended, { resources: [...(cluster?.resources ?? []), power] });
    const worse = clusterStatus(both(unfenced, saying('drbd-b')));
    expect(worse && clusterTroubles(worse)).toEqual(['power is Stopped, failed']);
  });

  it('has one of a start that failed, which keeps its host out', () => {
    const failures = [{ host: 'drbd-b', operation: 'file-system_start_0', reason: 'no mount' }];
    const kept = clusterStatus(both(but(saying('drbd-a'), { failures }), saying('drbd-b')));
    expect(kept && clusterTroubles(kept)).toEqual(['file-system_start_0 on drbd-b: no mount']);
  });

  it('has one of a host that a command keeps off, and of a quorum device that does not vote', () => {
    const silent = {
      ...but(saying('drbd-a'), { keptOff: ['drbd-b'] }),
      votes: { expected: 3, total: 2 },
    };
    const status = clusterStatus(both(silent, saying('drbd-b')));
    expect(status && clusterTroubles(status)).toEqual([
      'the quorum device does not vote: the loss of one host would end the service',
      'drbd-b is kept off the broker, until crm_resource --clear --resource rabbitmq --node drbd-b there',
    ]);
  });

  it('does not count the vote of a host that is lost twice', () => {
    const members = [
      { name: 'drbd-a', online: true, unclean: false },
      { name: 'drbd-b', online: false, unclean: false },
    ];
    const alone = { ...but(saying('drbd-a'), { members }), votes: { expected: 3, total: 2 } };
    expect(clusterStatus(new Map([['drbd-a', alone]]))).toMatchObject({ deviceVotes: true });
  });

  it('says which host has the one copy that is not old', () => {
    const old = { connection: 'WFConnection' };
    const waiting = {
      ...but(saying('drbd-b', 'drbd-b', old), { resources: [] }),
      onlyCopy: 'drbd-a',
    };
    const status = clusterStatus(new Map([['drbd-b', waiting]]));
    expect(status && clusterTroubles(status)).toEqual([
      'the broker runs on no host',
      'only drbd-a has all that was written',
      'drbd-b: DRBD is WFConnection',
    ]);
  });

  it('is nobody’s where nobody answers', () => {
    expect(clusterStatus(new Map())).toBeUndefined();
  });

  it('takes the word of the side with a majority', () => {
    const cut = but(saying('drbd-a'), { quorate: false, resources: [] });
    expect(clusterStatus(both(cut, saying('drbd-b', 'drbd-b')))).toMatchObject({
      quorate: true,
      brokerHost: 'drbd-b',
    });
  });

  it('names what is wrong', () => {
    const behind = saying('drbd-b', 'drbd-a', {
      connection: 'SyncTarget',
      state: 'Inconsistent',
      syncPercent: 12.5,
    });
    const status = clusterStatus(
      both(
        but(saying('drbd-a'), {
          resources: [],
          failures: [{ host: 'drbd-b', operation: 'broker_start_0', reason: 'timed out' }],
        }),
        { ...behind, rings: [{ link: 0, address: '', peers: { '1': 'disconnected' } }] },
      ),
    );
    expect(status && clusterTroubles(status)).toEqual([
      'the broker runs on no host',
      'drbd-b: its ring is disconnected',
      'drbd-b: DRBD is SyncTarget (12.5 %)',
      'drbd-b: its copy of the disk is Inconsistent',
      'broker_start_0 on drbd-b: timed out',
    ]);
  });
});

describe('a planned failover', () => {
  it.each([
    ['no cluster manager', { ...saying('drbd-b'), cluster: null }],
    ['no majority', but(saying('drbd-b'), { quorate: false })],
    ['not online', but(saying('drbd-b'), { members: [] })],
    ['is Inconsistent', saying('drbd-b', 'drbd-a', { state: 'Inconsistent' })],
    ['is StandAlone', saying('drbd-b', 'drbd-a', { connection: 'StandAlone' })],
    ['DRBD is down', { ...saying('drbd-b'), disk: null }],
    [
      'a start failed there',
      but(saying('drbd-b'), {
        failures: [{ host: 'drbd-b', operation: 'file-system_start_0', reason: 'no mount' }],
      }),
    ],
  ])('is refused: %s', (_why, answer) => {
    expect(whyNotFailOver(answer, 'drbd-b')).toMatchObject({
      what: 'the broker stays where it is: drbd-b could not take it over',
    });
  });

  it('is not kept from by what failed there and was mended', () => {
    const failures = [{ host: 'drbd-b', operation: 'broker_monitor_5000', reason: 'not running' }];
    expect(whyNotFailOver(but(saying('drbd-b'), { failures }), 'drbd-b')).toBeUndefined();
  });

  it('is not kept from by what failed on the other host', () => {
    const failures = [{ host: 'drbd-a', operation: 'broker_start_0', reason: 'timed out' }];
    expect(whyNotFailOver(but(saying('drbd-b'), { failures }), 'drbd-b')).toBeUndefined();
  });

  it('moves the broker, waits until it serves and takes the wish for the host back', async () => {
    const { channel, ran } = environment();
    await expect(failOver(channel, { name: 'drbd-b' })).resolves.toEqual({
      from: 'drbd-a',
      to: 'drbd-b',
    });
    expect(ran).toEqual([
      'crm_resource --move --resource rabbitmq --node drbd-b --lifetime PT6M',
      'crm_resource --clear --resource rabbitmq',
    ]);
  });

  it('has the wish taken back, however it ends, and never before it was made', async () => {
    const { channel, ran } = environment();
    const order: string[] = [];
    const whileWished = (asked: Promise<unknown>): void => {
      void asked.then(() => order.push(`wished by ${ran.join()}`));
    };
    await failOver(channel, { name: 'drbd-b' }, { whileWished });
    expect(order).toEqual([
      'wished by crm_resource --move --resource rabbitmq --node drbd-b --lifetime PT6M',
    ]);
  });

  it('has it taken back too where making it failed: it may have been made all the same', async () => {
    const { channel } = environment();
    const run: Channel['run'] = (host, argv, options) =>
      argv.includes('--move')
        ? Promise.reject(new Error('no connection'))
        : channel.run(host, argv, options);
    const wishes: Promise<unknown>[] = [];
    const moved = failOver(
      { ...channel, run },
      { name: 'drbd-b' },
      { whileWished: (asked) => wishes.push(asked) },
    );
    await expect(moved).rejects.toThrow('no connection');
    expect(wishes).toHaveLength(1);
  });

  it('is refused for a host that a command keeps off', () => {
    const kept = but(saying('drbd-b'), { keptOff: ['drbd-b'] });
    expect(whyNotFailOver(kept, 'drbd-b')?.value).toContain('kept off');
    expect(whyNotFailOver(kept, 'drbd-a')).toBeUndefined();
  });

  it('does nothing where the broker is there already', async () => {
    const { channel, ran } = environment('drbd-b');
    await failOver(channel, { name: 'drbd-b' });
    expect(ran).toEqual([]);
  });
});

/** Keeps what was run of `crm_resource`, and does it. */
function environment(on = 'drbd-a'): { channel: Channel; ran: string[] } {
  const ran: string[] = [];
  let host = on;
  const run: Channel['run'] = (_name, argv) => {
    const command = argv.join(' ');
    if (command.startsWith('crm_resource')) ran.push(command);
    if (command.includes('--move')) host = 'drbd-b';
    const stdout = command.includes('/api/nodes')
      ? JSON.stringify([{ running: true }])
      : JSON.stringify(saying('drbd-b', host));
    return Promise.resolve({ code: 0, stdout, stderr: '' });
  };
  return { channel: { hosts: () => Promise.resolve([]), run }, ran };
}

it('hosts that share no broker are refused by name of the topology', () => {
  const host: LiveHost = {
    ...{ name: 'broker-1', state: 'running', zone: 'a', address: '10.0.0.1' },
    labels: { roles: 'broker', topology: 'quorum-cluster' },
  };
  expect(() => clusterHosts('trial', [host])).toThrow(/take turns/);
});
