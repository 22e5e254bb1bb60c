import { rmSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';

import { volumeFile } from '../../infra/rig-provider/names.ts';
import { declareQueue } from '../lib/rig/amqp.ts';
import { brokersAreWhole, figure, ledgerFile, quorum as stack } from '../lib/rig/environments.ts';
import { describeAccount, publishDuring } from '../lib/ledger.ts';
import { powerOff, waitForJournal } from '../lib/rig/faults.ts';

const unit = 'rabbitmq-server.service';
const brokers = stack.hosts('broker');
const queues = ['rig.grown-1', 'rig.grown-2', 'rig.grown-3'];
const client = (name: string) => ({
  uri,
  queues,
  file: ledgerFile(name),
  ratePerSecond: 50,
  maxMessages: 20_000,
  minimumConfirmed: 100,
});
/** A setting that the broker reads at its start only. */
const changed = { rabbitmq: { channelMax: 1000 } };
let uri = '';

beforeAll(async () => {
  await stack.up();
  uri = (await stack.outputs()).amqpUri;
}, 300_000);

test('a broker whose data volume is lost is healed: cluster and queues are whole, nothing is lost', async () => {
  const [, victim = ''] = brokers;
  const account = await publishDuring(client('volume-lost'), async (publisher) => {
    await powerOff(stack, [victim]);
    const volume = stack.plan().hosts.find(({ name }) => name === victim)?.volumes[0]?.name ?? '';
    rmSync(volumeFile(stack.name, volume));
    await stack.up();
    await brokersAreWhole(stack, brokers, 60_000);
    await publisher.moreConfirms(50, 30_000);
  });
  figure('data volume lost', describeAccount(account));
  await waitForJournal(stack, victim, 'forget-lost-member', /is told to forget it/);
  expect(await membersOf(queues)).toEqual(queues.map(() => 3));
});

test('a changed broker setting restarts one broker at a time, and nothing is lost', async () => {
  stack.configure({ topology: 'quorum-cluster', ...changed });
  const hosts = stack.leaders(brokers);
  const before = await Promise.all(brokers.map(restartOf));
  const account = await publishDuring(client('rolling'), async (publisher) => {
    const { tookMs } = await stack.up();
    figure('brokers restarted in turn, ms', tookMs);
    await publisher.moreConfirms(50, 30_000);
  });
  figure('restarts in turn', describeAccount(account));
  for (const host of brokers) {
    const ask = ['rabbitmqctl', '--silent', 'eval', 'application:get_env(rabbit, channel_max).'];
    expect((await stack.run(host, ask)).trim()).toBe(`{ok,${changed.rabbitmq.channelMax}}`);
  }
  expect(stack.leaders(brokers)).toEqual(hosts);
  const after = await Promise.all(brokers.map(restartOf));
  expect(after.map(({ up }, index) => up > (before[index]?.up ?? Infinity))).toEqual(
    brokers.map(() => true),
  );
  const inOrder = after.toSorted((one, other) => one.down - other.down);
  for (const [index, { down }] of inOrder.entries()) {
    expect(down).toBeGreaterThan(inOrder[index - 1]?.up ?? 0);
  }
});

test('three brokers become five: old and new queues are on all of them, no session is cut', async () => {
  stack.configure({ topology: 'quorum-cluster', quorumCluster: { brokers: 5 }, ...changed });
  const five = stack.hosts('broker');
  expect(five).toHaveLength(5);
  const running = [...brokers, ...stack.hosts('balancer')];
  const before = stack.leaders(running);
  const account = await publishDuring(client('growth'), async (publisher) => {
    const { tookMs } = await stack.up();
    figure('three to five brokers, ms', tookMs);
    await publisher.moreConfirms(50, 30_000);
  });
  figure('growth', describeAccount(account));
  expect(account.reconnects).toBe(0);
  expect(stack.leaders(running)).toEqual(before);
  await brokersAreWhole(stack, five, 60_000);
  await declareQueue(uri, 'rig.after-growth');
  expect(await membersOf([...queues, 'rig.after-growth'])).toEqual([5, 5, 5, 5]);
  const { backends } = await stack.status();
  expect(backends.filter(({ state }) => state.startsWith('UP'))).toHaveLength(2 * 2 * 5);
});

test('five brokers become three again: queues keep three members, nothing is lost', async () => {
  const gone = stack.hosts('broker').slice(3);
  const balancers = stack.leaders(stack.hosts('balancer'));
  stack.configure({ topology: 'quorum-cluster', ...changed });
  const account = await publishDuring(client('removal'), async (publisher) => {
    const { tookMs } = await stack.up();
    figure('five to three brokers, ms', tookMs);
    await publisher.moreConfirms(50, 30_000);
  });
  figure('removal', describeAccount(account));
  await brokersAreWhole(stack, brokers, 60_000);
  expect(await membersOf([...queues, 'rig.after-growth'])).toEqual([3, 3, 3, 3]);
  const { hosts, backends } = await stack.status();
  expect(hosts.filter(({ name }) => gone.includes(name))).toEqual([]);
  expect(backends.filter(({ state }) => state.startsWith('UP'))).toHaveLength(2 * 2 * 3);
  expect(stack.leaders(stack.hosts('balancer'))).toEqual(balancers);
});

/** When the host's broker last began to stop and last was ready: microseconds, one clock for all. */
async function restartOf(host: string): Promise<{ down: number; up: number }> {
  const moments = ['ActiveExitTimestampMonotonic', 'ActiveEnterTimestampMonotonic'];
  const [down = NaN, up = NaN] = await Promise.all(
    moments.map(async (moment) =>
      Number(await stack.run(host, ['systemctl', 'show', '--value', '-p', moment, unit])),
    ),
  );
  return { down, up };
}

/** How many brokers hold each queue, from the metadata store. */
async function membersOf(names: readonly string[]): Promise<number[]> {
  const [host = ''] = brokers;
  const expression = names
    .map(
      (name) =>
        `length(maps:get(nodes, amqqueue:get_type_state(element(2, rabbit_amqqueue:lookup(rabbit_misc:r(<<"/">>, queue, <<"${name}">>))))))`,
    )
    .join(', ');
  const told = await stack.run(host, ['rabbitmqctl', '--silent', 'eval', `[${expression}].`]);
  return told.match(/\d+/g)?.map(Number) ?? [];
}
