import { beforeAll, expect, test } from 'vitest';

import { balancerAnswer } from '../../infra/operations/status/answers.ts';
import { doneWhen, waitFor } from '../../infra/wait.ts';
import { describeAccount, publishDuring, steadyClient } from '../lib/ledger.ts';
import { brokerOf } from '../lib/rig/clients.ts';
import { brokersAreWhole, figure, ledgerFile, quorum as stack } from '../lib/rig/environments.ts';
import { killProgram, pidsOf } from '../lib/rig/faults.ts';
import { vipHolder } from '../lib/rig/network.ts';

const brokers = stack.hosts('broker');
const balancers = stack.hosts('balancer');
const queues = ['rig.reloaded-1', 'rig.reloaded-2', 'rig.reloaded-3'];
let uri = '';

beforeAll(async () => {
  await stack.up();
  uri = (await stack.outputs()).amqpUri;
}, 300_000);

const client = (name: string) => steadyClient({ uri, queues, file: ledgerFile(name) });

test('ten reloads of HAProxy neither move the address nor cut a connection', async () => {
  const holder = await vipHolder(stack);
  const account = await publishDuring(client('reloads'), async (publisher) => {
    for (let reload = 1; reload <= 10; reload += 1) {
      await reloadHaproxy(holder);
      await publisher.moreConfirms(20, 10_000);
      expect(await vipHolder(stack)).toBe(holder);
    }
  });
  figure('ten reloads', describeAccount(account));
  expect(account.reconnects).toBe(0);
});

test('after reloads of both balancers a killed broker is still noticed and left alone', async () => {
  const holder = await vipHolder(stack);
  let victim = '';
  const account = await publishDuring(client('reload-then-fault'), async (publisher) => {
    for (const balancer of balancers) await reloadHaproxy(balancer);
    await publisher.moreConfirms(100, 10_000);
    const lost = publisher.book.events().filter(({ kind }) => kind === 'lost');
    expect(lost).toEqual([]);
    expect(await vipHolder(stack)).toBe(holder);

    victim = await brokerOf(stack, publisher.connectionName);
    const noticed = balancers.map((balancer) => seenAs('DOWN', balancer, victim));
    await Promise.all([killProgram(stack, victim, 'beam.smp'), ...noticed]);
    await publisher.moreConfirms(100, 30_000);
    expect(await brokerOf(stack, publisher.connectionName)).not.toBe(victim);
    await brokersAreWhole(stack, brokers, 90_000);
    for (const balancer of balancers) await seenAs('UP', balancer, victim);
  });
  figure(`broker killed after reloads (${victim})`, describeAccount(account));
  expect(account.reconnects).toBeGreaterThan(0);
  expect(await vipHolder(stack)).toBe(holder);
});

/** Reloads and proves that another worker serves. */
async function reloadHaproxy(balancer: string): Promise<void> {
  const before = await pidsOf(stack, balancer, 'haproxy');
  await stack.run(balancer, ['systemctl', 'reload', 'haproxy']);
  expect(await pidsOf(stack, balancer, 'haproxy')).not.toEqual(before);
}

/** Waits until the balancer's present worker says so of the broker. */
async function seenAs(state: 'UP' | 'DOWN', balancer: string, broker: string): Promise<void> {
  await waitFor(
    async () => {
      const told = await stack.run(balancer, ['/usr/local/sbin/balancer-status']);
      const { servers } = balancerAnswer.parse(JSON.parse(told));
      const seen = servers.find(({ backend, server }) => backend === 'amqp' && server === broker);
      return doneWhen(seen?.state === state, seen?.state ?? 'not listed');
    },
    { subject: `${broker} to be ${state} on ${balancer}`, deadlineMs: 30_000, intervalMs: 100 },
  );
}
