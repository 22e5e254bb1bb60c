import { beforeAll, describe, expect, test } from 'vitest';

import { leftovers } from '../../infra/rig-provider/remains.ts';
import { waitFor } from '../../infra/wait.ts';
import { probeMessage } from '../../infra/operations/amqp-probe.ts';
import { leaderOf } from '../../infra/rig-provider/containers/container.ts';
import { brokersAreWhole, figure, quorum as stack } from '../lib/rig/environments.ts';
import { loseData, waitForJournal } from '../lib/rig/faults.ts';
import { tracesOf } from '../lib/rig/traces.ts';
import type { RunningCommand } from '../lib/rig/command.ts';

const [broker = ''] = stack.hosts('broker');
const balancer = stack.hosts('balancer').at(-1) ?? '';

beforeAll(() => stack.down(), 120_000);

describe('an interrupted up', () => {
  test.each([
    ['SIGINT', 'the update has begun', () => stack.lockHolder() !== undefined],
    ['SIGKILL', 'the first host runs', () => hostRuns(broker)],
    ['SIGINT', 'every host runs', () => stack.lockHolder() !== undefined && allRun()],
    ['SIGKILL', 'the update goes on', () => stack.lockHolder() !== undefined],
  ] as const)('by %s as soon as %s', async (signal, subject, isTime) => {
    const update = stack.startUp();
    await interrupt(update, signal, { subject, isTime });
    const { code } = await update.result;
    expect(code).not.toBe(0);
    // A command that is back at the prompt leaves no update at work behind it.
    if (signal === 'SIGINT') expect(stack.lockHolder()).toBeUndefined();
  });

  test('is finished by the next one', async () => {
    const { tookMs } = await stack.up();
    figure('up after four interrupts, ms', tookMs);
    const { amqpUri } = await stack.outputs();
    await probeMessage({ uri: amqpUri, deadlineMs: 20_000 });
    const { hosts, brokers } = await stack.status();
    expect(hosts.map(({ state }) => state)).toEqual(hosts.map(() => 'running'));
    expect(brokers.map(({ running }) => running)).toEqual([true, true, true]);
  });
});

test('a broker that was killed in its first start, a cluster of its own, joins the others', async () => {
  const [, victim = ''] = stack.hosts('broker');
  const unit = 'rabbitmq-server.service';
  const run = (script: string) => stack.run(victim, ['sh', '-euc', script], 60_000);
  await run(`systemctl stop ${unit}; mv /etc/rabbitmq/conf.d/20-cluster.conf /run`);
  await loseData(stack, victim);
  await run(`systemctl start ${unit}; systemctl kill --signal=KILL ${unit}`);
  await run(`systemctl stop ${unit}
    mv /run/20-cluster.conf /etc/rabbitmq/conf.d; touch /var/lib/rabbitmq/first-start`);
  await run(`systemctl start ${unit}`);
  await brokersAreWhole(stack, stack.hosts('broker'), 60_000);
  await waitForJournal(stack, victim, 'forget-lost-member', /first start was cut short/);
});

describe('an interrupted down', () => {
  let ports: number[] = [];

  test.each([
    ['SIGINT', 'the update has begun', () => stack.lockHolder() !== undefined],
    ['SIGKILL', 'a balancer is gone', () => !hostRuns(balancer)],
  ] as const)('by %s as soon as %s', async (signal, subject, isTime) => {
    if (ports.length === 0) ports = await stack.localPorts();
    const update = stack.startDown();
    await interrupt(update, signal, { subject, isTime });
    await update.result;
  });

  test('is finished by the next one, and nothing is left', async () => {
    expect(ports).toHaveLength(3);
    const { tookMs } = await stack.down();
    figure('down after two interrupts, ms', tookMs);
    expect(await leftovers(stack.name)).toEqual([]);
    expect(await tracesOf(stack, ports)).toEqual([]);
  });
});

const leader = (name: string): number | undefined => leaderOf({ stack: stack.name, name });
const allRun = (): boolean =>
  [...stack.hosts('broker'), ...stack.hosts('balancer')].every(hostRuns);
const hostRuns = (name: string): boolean => leader(name) !== undefined;

/** @throws when the command ended before its time came: then nothing was interrupted. */
async function interrupt(
  command: RunningCommand,
  signal: NodeJS.Signals,
  moment: { readonly subject: string; readonly isTime: () => boolean },
): Promise<void> {
  await waitFor(
    () =>
      Promise.resolve(
        moment.isTime() || command.ended
          ? { done: true as const, value: true }
          : { seen: 'not yet' },
      ),
    { subject: moment.subject, deadlineMs: 120_000, intervalMs: 20 },
  );
  if (command.ended) throw new Error(`the command ended before ${moment.subject}`);
  command.signal(signal);
}
