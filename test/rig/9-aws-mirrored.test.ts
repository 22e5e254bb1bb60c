import { StartInstancesCommand, StopInstancesCommand } from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sessionOf } from '../aws/sessions.ts';
import { AwsStack } from '../aws/stack.ts';
import { describeAccount, publishDuring, steadyClient } from '../lib/ledger.ts';
import { readyStacks } from '../lib/ready-stacks.ts';
import { figure, ledgerFile } from '../lib/rig/environments.ts';

/** Brokers on Debian 12, whose AWS CLI is 2.9, and balancers on Debian 13. */
const ready = readyStacks.find(({ stack }) => stack === 'aws-mirrored');
const stack = new AwsStack('test-mirror', 'eu-central-1', {
  ...(ready?.environment as object),
});

beforeAll(() => stack.open(['trixie', 'bookworm']), 900_000);
afterAll(async () => {
  expect(await stack.close()).toEqual([]);
}, 60_000);

test('aws-mirrored serves on RabbitMQ 3.10; a broker is lost, and nothing confirmed is', async () => {
  await stack.run('up');
  await stack.waitForBrokers(3, 120_000, 'rabbit-1');
  expect(await stack.exec('rabbit-1', ['rabbitmqctl', '--silent', 'version'])).toMatch(/^3\.10\./);
  expect(await stack.exec('rabbit-1', ['aws', '--version'])).toMatch(/^aws-cli\/2\.9\./);
  const client = steadyClient({
    uri: await stack.clientUri(),
    queues: ['aws.mirror-1', 'aws.mirror-2', 'aws.mirror-3'],
    file: ledgerFile('aws-mirror-lost'),
  });
  const account = await publishDuring(client, async (publisher) => {
    const { broker } = await sessionOf(stack, publisher.connectionName, 'rabbit-1');
    const InstanceIds = [(await stack.instances())[broker] ?? ''];
    await stack.account.ec2.send(new StopInstancesCommand({ InstanceIds, Force: true }));
    await publisher.moreConfirms(200, 60_000);
    await stack.account.ec2.send(new StartInstancesCommand({ InstanceIds }));
    await stack.waitForBrokers(3, 120_000, 'rabbit-1');
  });
  figure('broker of a mirrored cluster lost', describeAccount(account));
  expect(account.reconnects).toBeGreaterThan(0);
});
