import { describe, expect, it } from 'vitest';
import type { Channel, LiveHost } from '../../../infra/operations/channel.ts';
import { takeTurn } from '../../../infra/operations/turn/index.ts';
import { spareSharedHost } from '../../../infra/operations/turn/shared-broker.ts';

const madeOf = { image: 'ami-1' };
const next = { image: 'ami-2' };

const host = (name: string, role: string, state: LiveHost['state'] = 'running'): LiveHost => ({
  name,
  state,
  zone: 'a',
  address: '10.0.0.1',
  madeOf,
  labels: { roles: role, topology: 'drbd-pacemaker', cluster: 'mq', node: 'rabbit@broker' },
});
const hosts = [host('drbd-a', 'broker'), host('drbd-b', 'broker'), host('quorum', 'quorum')];

interface Seen {
  /** Host with the broker. */
  readonly on?: string;
  /** States of the asked host's own copy, question by question; the last one stays. */
  readonly copies?: readonly string[];
  readonly online?: boolean;
  /** Of three. */
  readonly votes?: number;
}

/** Two hosts and their quorum device; keeps what was run to change something. */
function cluster(
  live: readonly LiveHost[],
  { on, copies = ['UpToDate'], online = true, votes = 3 }: Seen,
) {
  const changed: string[] = [];
  let holder = on ?? 'drbd-a';
  let looks = 0;
  const status = (): string => {
    const state = copies[Math.min(looks, copies.length - 1)] ?? '';
    looks += 1;
    const resource = { agent: '', failed: false, blocked: false };
    return JSON.stringify({
      cluster: {
        quorate: true,
        members: ['drbd-a', 'drbd-b'].map((name) => ({ name, online, unclean: false })),
        resources: [{ ...resource, id: 'broker', role: 'Started', host: holder }],
        failures: [],
        fencing: [],
      },
      rings: [],
      votes: { expected: 3, total: votes },
      onlyCopy: null,
      disk: {
        ...{ connection: 'Connected', role: '', peerRole: '', state, peerState: 'UpToDate' },
        ...{ syncPercent: null, outOfSyncKiB: 0 },
      },
    });
  };
  const run: Channel['run'] = (name, argv) => {
    const command = argv.join(' ');
    let stdout = '';
    if (command.includes('is-system-running')) stdout = 'running';
    if (command.endsWith('cluster-status')) stdout = status();
    if (command.includes('/api/nodes')) stdout = '[{"running":true}]';
    if (command.includes('--move')) holder = argv[argv.indexOf('--node') + 1] ?? '';
    if (/crm_resource|drain/.test(command)) changed.push(`${name} ${argv.slice(0, 2).join(' ')}`);
    return Promise.resolve({ code: 0, stdout, stderr: '' });
  };
  const channel: Channel = { hosts: () => Promise.resolve(live), run };
  return { channel, changed };
}

describe('the turn of a host that shares a broker', () => {
  it('moves the broker to the other one, and drains none', async () => {
    const { channel, changed } = cluster(hosts, { on: 'drbd-a' });
    await takeTurn(channel, { host: 'drbd-a', madeOf: next }, { deadlineMs: 5_000 });
    expect(changed).toEqual(['drbd-b crm_resource --move', 'drbd-b crm_resource --clear']);
  });

  it('moves nothing where the broker is elsewhere, or the host is to stay', async () => {
    const { channel, changed } = cluster(hosts, { on: 'drbd-a' });
    await takeTurn(channel, { host: 'drbd-b', madeOf: next }, { deadlineMs: 5_000 });
    await takeTurn(channel, { host: 'drbd-a', madeOf }, { deadlineMs: 5_000 });
    expect(changed).toEqual([]);
  });

  it('waits until the other copy has caught up', async () => {
    const { channel, changed } = cluster(hosts, { copies: ['Inconsistent', 'UpToDate'] });
    await takeTurn(channel, { host: 'drbd-a', madeOf: next }, { deadlineMs: 10_000 });
    expect(changed).toHaveLength(2);
    const never = cluster(hosts, { copies: ['Inconsistent'] });
    await expect(
      takeTurn(never.channel, { host: 'drbd-a', madeOf: next }, { deadlineMs: 900 }),
    ).rejects.toThrow('its copy of the disk is Inconsistent');
    expect(never.changed).toEqual([]);
  });

  it('waits for the vote of the quorum device: two hosts would be one of three votes', async () => {
    const { channel, changed } = cluster(hosts, { votes: 2 });
    await expect(
      takeTurn(channel, { host: 'drbd-a', madeOf: next }, { deadlineMs: 900 }),
    ).rejects.toThrow('the quorum device does not vote');
    expect(changed).toEqual([]);
  });

  it.each([
    ['drbd-a', 'quorum'],
    ['drbd-a', 'drbd-b'],
    ['quorum', 'drbd-a'],
  ])('never takes %s away while %s is down: the rest would be no majority', async (name, down) => {
    const live = hosts.map((one) =>
      one.name === down ? host(one.name, one.labels['roles'] ?? '', 'stopped') : one,
    );
    const { channel, changed } = cluster(live, {});
    await expect(takeTurn(channel, { host: name, madeOf: next })).rejects.toThrow(
      `${down} is stopped`,
    );
    expect(changed).toEqual([]);
  });

  it('takes a quorum device away only while both hosts are members', async () => {
    const { channel, changed } = cluster(hosts, {});
    await takeTurn(channel, { host: 'quorum', madeOf: next }, { deadlineMs: 5_000 });
    expect(changed).toEqual([]);
    const alone = cluster(hosts, { online: false });
    await expect(
      takeTurn(alone.channel, { host: 'quorum', madeOf: next }, { deadlineMs: 900 }),
    ).rejects.toThrow('drbd-a is not online in the cluster');
  });
});

describe('a host that is replaced where targets do not say what hosts are made of', () => {
  const without = (...down: readonly string[]): LiveHost[] =>
    hosts.map((one) =>
      down.includes(one.name) ? host(one.name, one.labels['roles'] ?? '', 'stopped') : one,
    );

  it('hands the broker over before it goes', async () => {
    const { channel, changed } = cluster(hosts, { on: 'drbd-a' });
    await spareSharedHost(channel, 'drbd-a', { deadlineMs: 5_000 });
    expect(changed).toEqual(['drbd-b crm_resource --move', 'drbd-b crm_resource --clear']);
  });

  it('stays as long as it is the only one that runs', async () => {
    const { channel, changed } = cluster(without('drbd-b'), { on: 'drbd-a' });
    await expect(spareSharedHost(channel, 'drbd-a', { deadlineMs: 5_000 })).rejects.toThrow(
      'drbd-a is not replaced',
    );
    expect(changed).toEqual([]);
  });

  it('may go while it is down, if there is one that the next can boot beside', async () => {
    const alone = cluster(without('drbd-b'), { on: 'drbd-a' });
    await spareSharedHost(alone.channel, 'drbd-b', { deadlineMs: 5_000 });
    expect(alone.changed).toEqual([]);
    const none = cluster(without('drbd-a', 'drbd-b'), {});
    await expect(spareSharedHost(none.channel, 'drbd-b', { deadlineMs: 5_000 })).rejects.toThrow(
      'drbd-a is stopped',
    );
  });

  it('is left alone where it shares no broker', async () => {
    const others = hosts.map((one) => ({ ...one, labels: { ...one.labels, topology: 'warren' } }));
    const { channel, changed } = cluster(others, {});
    await spareSharedHost(channel, 'drbd-a', { deadlineMs: 5_000 });
    expect(changed).toEqual([]);
  });
});
