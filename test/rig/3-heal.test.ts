import { beforeAll, describe, expect, test } from 'vitest';

import { waitFor } from '../../infra/wait.ts';
import { probeMessage } from '../../infra/operations/amqp-probe.ts';
import { assertNothingLost, drainQueues, judge, LedgerPublisher } from '../lib/ledger.ts';
import { publish } from '../lib/rig/amqp.ts';
import { brokersAreWhole, figure, ledgerFile, quorum as stack } from '../lib/rig/environments.ts';
import { loseData, powerOff, waitForJournal } from '../lib/rig/faults.ts';
import { apiPath } from '../lib/rig/mirrors.ts';

const brokers = stack.hosts('broker');
const queues = ['rig.kept'];
let uri = '';

beforeAll(async () => {
  await stack.up();
  uri = (await stack.outputs()).amqpUri;
}, 300_000);

describe('all brokers lose power at once', () => {
  let publisher: LedgerPublisher;

  beforeAll(async () => {
    const file = ledgerFile('all-down');
    publisher = new LedgerPublisher({ uri, queues, file, ratePerSecond: 200, maxMessages: 300 });
    await publisher.moreConfirms(300, 30_000);
    await publisher.finish(10_000);
    await powerOff(stack, brokers);
  }, 60_000);

  test('refresh sees them stopped, and so does status', async () => {
    await stack.pulumi('refresh', '--yes', '--skip-preview');
    const states = await hostStates();
    for (const [host, state] of states) {
      expect([host, state]).toEqual([host, brokers.includes(host) ? 'stopped' : 'running']);
    }
    const status = await stack.status(4);
    const stopped = status.hosts.filter(({ state }) => state === 'stopped');
    expect(stopped.map(({ name }) => name)).toEqual(brokers);
    expect(status.brokers.map(({ running }) => running)).toEqual(brokers.map(() => false));
  });

  test('up heals them; a second up at the same time says who holds the lock', async () => {
    const first = stack.startUp();
    const second = await whileItWorks(first, () => stack.tryUp());
    const healed = await first.result;
    expect(healed, healed.stderr).toMatchObject({ code: 0 });
    figure('healed after, ms', healed.tookMs);
    expect(second.code).toBe(1);
    expect(second.stderr).toMatch(
      new RegExp(`stack ${stack.name} is being changed right now: by \\S+, process \\d+`),
    );
    const states = [...(await hostStates()).values()];
    expect(new Set(states)).toEqual(new Set(['running']));
  });

  test('the cluster is whole again and has every confirmed message', async () => {
    await brokersAreWhole(stack, brokers, 60_000);
    await probeMessage({ uri, deadlineMs: 20_000 });
    const received = await drainQueues({ uri, queues, deadlineMs: 30_000 });
    assertNothingLost(judge(publisher.book.entries(), received), 300);
  });
});

test('a member without data that starts first waits, and comes back without a vote in its queues', async () => {
  const [lost = '', ...others] = brokers;
  const [queue = ''] = queues;
  const unit = 'rabbitmq-server.service';
  const bodies = Array.from({ length: 50 }, (_, index) => `message-${index}`);
  await publish(uri, queue, bodies);
  for (const host of brokers) await stack.run(host, ['systemctl', 'stop', unit], 90_000);
  await loseData(stack, lost);
  await stack.run(lost, ['systemctl', 'start', '--no-block', unit]);
  await waitForJournal(stack, lost, 'forget-lost-member', /waiting for the cluster: .*broker-3/);
  for (const host of others) await stack.run(host, ['systemctl', 'start', '--no-block', unit]);
  await brokersAreWhole(stack, brokers, 90_000);
  await waitForJournal(
    stack,
    lost,
    'forget-lost-member',
    /is gone; rabbit@\S+ is told to forget it/,
  );
  const { members } = await stack.api<{ members: string[] }>(lost, apiPath('queues', '/', queue));
  expect(members.map((node) => node.replace(/^rabbit@|\..*$/g, '')).sort()).toEqual(others);
  expect(await drainQueues({ uri, queues, deadlineMs: 30_000 })).toEqual(bodies);
});

/** Runs `work` once the update holds its lock: there is no doubt then who came first. */
async function whileItWorks<T>(
  update: ReturnType<typeof stack.startUp>,
  work: () => Promise<T>,
): Promise<T> {
  await waitFor(
    () =>
      Promise.resolve(
        stack.lockHolder() === undefined
          ? { seen: 'no lock' }
          : { done: true as const, value: true },
      ),
    { subject: 'the first update to hold its lock', deadlineMs: 60_000, intervalMs: 50 },
  );
  const result = await work();
  expect(update.ended).toBe(false);
  return result;
}

/** What the Pulumi state says of each host. */
async function hostStates(): Promise<Map<string, string>> {
  const { stdout } = await stack.pulumi('stack', 'export');
  const { deployment } = JSON.parse(stdout) as {
    deployment: { resources: { type: string; outputs?: { name: string; state: string } }[] };
  };
  return new Map(
    deployment.resources
      .filter(({ type }) => type === 'rig:index:Host')
      .map(({ outputs }) => [outputs?.name ?? '', outputs?.state ?? '']),
  );
}
