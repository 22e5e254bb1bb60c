import { afterAll, beforeAll, expect, test } from 'vitest';

import { clusterPorts } from '../../infra/plan/ports.ts';
import { leftovers } from '../../infra/rig-provider/remains.ts';
import { doneWhen, waitFor } from '../../infra/wait.ts';
import { describeAccount, LedgerPublisher, publishDuring, steadyClient } from '../lib/ledger.ts';
import { mustRun, runCommand } from '../lib/rig/command.ts';
import { figure, ledgerFile, replicated as stack } from '../lib/rig/environments.ts';
import { freezeProgram, pidsOf, powerOff } from '../lib/rig/faults.ts';
import { joinAgain, part } from '../lib/rig/network.ts';
import { bringBack, brokerHost, isWhole, otherHost, takeOverMs } from '../lib/rig/replicated.ts';
import {
  copiedTo,
  heldBy,
  recovery,
  recoveryAnswer,
  splitBrain,
  splitBrainStatus,
  switchFencing,
} from '../lib/rig/split-brain.ts';
import { Users } from '../lib/rig/users.ts';

const [first = '', second = ''] = stack.hosts('broker');
let uri = '';

beforeAll(async () => {
  await stack.down();
  const { tookMs } = await stack.up();
  figure('drbd up from nothing, ms', tookMs);
  uri = (await stack.outputs()).amqpUri;
}, 1_800_000);

afterAll(async () => {
  await stack.down();
}, 300_000);

test('one host has the broker, both have its disk, and the third has a vote', async () => {
  const { cluster, brokers } = await stack.status();
  expect(cluster).toMatchObject({
    quorate: true,
    members: [first, second].map((name) => ({
      name,
      online: true,
      rings: ['connected'],
      disk: { state: 'UpToDate', connection: 'Connected' },
    })),
    failures: [],
    fencing: [],
  });
  expect(brokers.map(({ name, running }) => ({ name, running }))).toEqual([
    { name: cluster?.brokerHost, running: true },
  ]);
  const votes = await stack.run(first, ['sh', '-c', 'corosync-quorumtool -s || true']);
  expect(votes).toMatch(/Total votes: +3\n/);
}, 120_000);

test('two hosts that lose each other: the one with the broker goes on and fences the other one', async () => {
  // The quorum device alone would keep the first one.
  const [host, standby] = [second, first];
  if ((await brokerHost()) !== host) {
    await mustRun(['failover', '--stack', stack.name, '--to', host], takeOverMs);
  }
  await whileClientPublishes('parted', async (publisher) => {
    await part(stack, host, standby);
    await publisher.moreConfirms(200, takeOverMs);
    const { cluster } = await stack.status(3);
    expect(cluster?.brokerHost).toBe(host);
    expect(cluster?.fencing[0]).toMatchObject(fenced(standby, host));
    await joinAgain(stack, host);
  });
  await bringBack();
}, 1_200_000);

test('the host with the broker loses its power: it is fenced, the other one takes over, nothing is lost', async () => {
  const from = await brokerHost();
  const to = otherHost(from);
  // Its queues are seconds old, and its users are still being made.
  const queues = ['rig.fresh-1', 'rig.fresh-2'];
  const users = new Users(stack, 'fresh');
  const cutPower = async (publisher: LedgerPublisher): Promise<void> => {
    const making = users.make(from);
    await waitFor(() => doneWhen(users.made.length >= 2, `${users.made.length} made`), {
      subject: 'the first users to be made',
      deadlineMs: 60_000,
      intervalMs: 50,
    });
    const start = performance.now();
    await powerOff(stack, [from]);
    await publisher.moreConfirms(50, takeOverMs);
    figure('host with the broker lost: until confirms come again, ms', performance.now() - start);
    await making;
  };
  await whileClientPublishes('power', cutPower, queues);
  expect(await users.on(to)).toEqual(expect.arrayContaining(users.made));
  const { cluster } = await stack.status(3);
  expect(cluster?.brokerHost).toBe(to);
  expect(cluster?.fencing[0]).toMatchObject(fenced(from, to));
  await bringBack();
}, 1_200_000);

test('a broker that hangs is ended and serves again', async () => {
  const host = await brokerHost();
  await whileClientPublishes('hang', async (publisher) => {
    await freezeProgram(stack, host, 'beam.smp');
    await publisher.moreConfirms(50, takeOverMs);
  });
  await isWhole();
}, 900_000);

test('new settings restart the broker where it runs, which is no failure to the cluster', async () => {
  const host = await brokerHost();
  const before = await pidsOf(stack, host, 'beam.smp');
  await whileClientPublishes('restart', async (publisher) => {
    await stack.run(host, ['/usr/local/sbin/broker-restart'], takeOverMs);
    await publisher.moreConfirms(50, takeOverMs);
  });
  expect(await pidsOf(stack, host, 'beam.smp')).not.toEqual(before);
  expect((await stack.status()).cluster).toMatchObject({ brokerHost: host, failures: [] });
}, 900_000);

test('failover moves the broker, and back, and refuses what would not work', async () => {
  const from = await brokerHost();
  const to = otherHost(from);
  const unknown = await runCommand(['failover', '--stack', stack.name, '--to', 'quorum'], 60_000);
  expect(unknown).toMatchObject({ code: 1 });
  expect(unknown.stderr).toContain(first);
  await whileClientPublishes('failover', async (publisher) => {
    for (const [there, here] of [
      [from, to],
      [to, from],
    ] as const) {
      const argv = ['failover', '--stack', stack.name, '--to', here, '--json'];
      const { stdout } = await mustRun(argv, takeOverMs);
      expect(JSON.parse(stdout)).toMatchObject({
        from: there,
        to: here,
        disk: { role: 'Primary' },
      });
      await publisher.moreConfirms(50, takeOverMs);
    }
  });
  expect(await brokerHost()).toBe(from);
}, 1_200_000);

test('a copy that missed writes does not take over, and says so', async () => {
  const host = await brokerHost();
  const standby = otherHost(host);
  await whileClientPublishes('old-copy', async (publisher) => {
    await part(stack, host, standby, clusterPorts.drbd);
    await waitFor(
      async () => {
        const { cluster } = await stack.status(3);
        const disk = cluster?.members.find(({ name }) => name === host)?.disk;
        return doneWhen(
          disk?.connection !== 'Connected' && cluster?.brokerHost === host,
          JSON.stringify(cluster?.members),
        );
      },
      { subject: 'the two copies to part', deadlineMs: 60_000, intervalMs: 500 },
    );
    // Writes wait until the copy is marked as old, and then go on.
    await publisher.moreConfirms(100, takeOverMs);
    await powerOff(stack, [host]);
    await waitFor(
      async () => {
        const [last] = (await stack.status(4)).cluster?.fencing ?? [];
        return doneWhen(
          last?.host === host && last.status === 'success',
          last === undefined ? 'nobody was' : JSON.stringify(last),
        );
      },
      { subject: `${host} to be fenced`, deadlineMs: takeOverMs, intervalMs: 1_000 },
    );
    // Only now it could take over: until it has nothing more to do, the cluster has not decided.
    await stack.run(standby, ['crm_resource', '--wait', '--timeout=120s'], takeOverMs);
    const { cluster } = await stack.status(4);
    expect(cluster).toMatchObject({ brokerHost: null, onlyCopy: host });
    expect(cluster?.members.find(({ name }) => name === standby)?.disk?.role).toBe('Secondary');
    // Both copies are that of the fenced host by then: the cluster may choose either for the broker, and
    // what was confirmed after they had parted is there.
    await bringBack();
  });
}, 1_500_000);

test('without fencing both hosts write: both sides are shown, one is given up, and a copy of it is kept', async () => {
  const victim = await brokerHost();
  const survivor = otherHost(victim);
  await switchFencing('off');
  const { onVictim, onSurvivor } = await splitBrain(victim, survivor);
  const { sides } = await splitBrainStatus(3);
  const held = (host: string): number =>
    heldBy(host, sides.find((side) => side.host === host)?.queues);
  expect(held(victim)).toBeGreaterThanOrEqual(onVictim);
  expect(held(survivor)).toBeGreaterThanOrEqual(onSurvivor);

  const refused = await runCommand(recovery('quorum'), 60_000);
  expect(refused).toMatchObject({ code: 1 });
  const { stdout, tookMs } = await mustRun(recovery(victim, '--json'), takeOverMs);
  figure('drbd, recovery from a split brain, ms', tookMs);
  const { copy, queues: after } = recoveryAnswer.parse(JSON.parse(stdout));
  expect(heldBy(survivor, after)).toBe(held(survivor));
  expect(await copiedTo(victim, copy.path)).toBe(held(victim));
  await splitBrainStatus(0);
  await isWhole();
  expect((await runCommand(recovery(victim), 60_000)).stderr).toContain('there is no split brain');
  await switchFencing('on');
}, 1_200_000);

test('down leaves nothing', async () => {
  await stack.down();
  expect(await leftovers(stack.name)).toEqual([]);
}, 300_000);

const fenced = (host: string, by: string) => ({ host, action: 'off', status: 'success', by });

/** At a rate that an emulated host stands; reads all back in the end. @throws when a confirmed one is missing */
async function whileClientPublishes(
  name: string,
  disturb: (publisher: LedgerPublisher) => Promise<void>,
  queues: readonly string[] = ['rig.ledger'],
): Promise<void> {
  const file = ledgerFile(`drbd-${name}`);
  const load = { ratePerSecond: 20, minimumConfirmed: 100, patience: 6 };
  const account = await publishDuring(steadyClient({ uri, queues, file, ...load }), disturb);
  figure(`drbd, ${name}`, describeAccount(account));
}
