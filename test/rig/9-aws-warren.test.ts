import { StartInstancesCommand, StopInstancesCommand } from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { messagePolicyVariable } from '../../infra/operations/service/retire.ts';
import { doneWhen, waitFor } from '../../infra/wait.ts';
import { sessionOf } from '../aws/sessions.ts';
import { AwsStack } from '../aws/stack.ts';
import { routedHolder } from '../aws/virtual-address.ts';
import { describeAccount, publishDuring, steadyClient } from '../lib/ledger.ts';
import { readyStacks } from '../lib/ready-stacks.ts';
import { figure, ledgerFile } from '../lib/rig/environments.ts';

const ready = readyStacks.find(({ stack }) => stack === 'aws-warren');
// A zone more than its two brokers need: zones are settled, and a cluster is to follow.
const stack = new AwsStack('test-pair', 'eu-central-1', {
  ...(ready?.environment as object),
  network: { zones: ['a', 'b', 'c'] },
});
const [active, standby] = ['rabbit-a', 'rabbit-b'] as const;

const client = async (name: string) =>
  steadyClient({
    uri: await stack.clientUri(),
    queues: ['aws.pair-1', 'aws.pair-2'],
    file: ledgerFile(name),
    maxMessages: 40_000,
  });

beforeAll(() => stack.open(), 900_000);
afterAll(async () => {
  Reflect.deleteProperty(process.env, messagePolicyVariable);
  expect(await stack.close()).toEqual([]);
}, 60_000);

test('aws-warren: the active broker is lost and comes back; what it held comes with it', async () => {
  await stack.run('up');
  await routedHolder(stack, 60_000);
  const InstanceIds = [(await stack.instances())[active] ?? ''];
  const account = await publishDuring(await client('pair-lost'), async (publisher) => {
    await sessionOf(stack, publisher.connectionName, active);
    await stack.account.ec2.send(new StopInstancesCommand({ InstanceIds, Force: true }));
    await publisher.moreConfirms(200, 60_000);
    await sessionOf(stack, publisher.connectionName, standby);
    await stack.account.ec2.send(new StartInstancesCommand({ InstanceIds }));
    await sessionOf(stack, publisher.connectionName, active);
    await publisher.moreConfirms(100, 60_000);
    await isDrained(standby);
  });
  figure('active broker lost and back', describeAccount(account));
  expect(account.reconnects).toBeGreaterThan(0);
});

test('a warren becomes a quorum cluster under a publisher', async () => {
  process.env[messagePolicyVariable] = 'move';
  stack.configure({}, { topology: 'quorum-cluster' });
  const account = await publishDuring(await client('pair-swapped'), async (publisher) => {
    await stack.run('up');
    await publisher.moreConfirms(100, 60_000);
  });
  figure('warren to quorum cluster', describeAccount(account));
  expect(Object.keys(await stack.instances()).sort()).toEqual([
    ...['balancer-1', 'balancer-2', 'broker-1', 'broker-2', 'broker-3'],
  ]);
  await stack.waitForBrokers(3, 60_000);
});

/** What a standby took in goes to the active one once that is back. */
const isDrained = (host: string): Promise<true> =>
  waitFor(
    async () => {
      const path = '/api/queues?disable_stats=true&enable_queue_totals=true';
      const argv = ['/usr/local/sbin/mq-api', 'GET', path];
      const queues = JSON.parse(await stack.exec(host, argv)) as {
        name: string;
        messages?: number;
      }[];
      // A queue that does not say is not empty.
      const held = queues.filter(({ messages }) => messages !== 0).map(({ name }) => name);
      return doneWhen(held.length === 0, held.join(', '));
    },
    { subject: `${host} to hold nothing`, deadlineMs: 60_000, intervalMs: 500 },
  );
