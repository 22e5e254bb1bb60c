import { StartInstancesCommand, StopInstancesCommand } from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sessionOf } from '../aws/sessions.ts';
import { AwsStack } from '../aws/stack.ts';
import { waitForTargets } from '../aws/targets.ts';
import { describeAccount, publishDuring, steadyClient } from '../lib/ledger.ts';
import { readyStacks } from '../lib/ready-stacks.ts';
import { figure, ledgerFile } from '../lib/rig/environments.ts';

/** The ready stack behind a Network Load Balancer that really carries its traffic. */
const ready = readyStacks.find(({ stack }) => stack === 'aws-quorum');
const stack = new AwsStack('test-nlb', 'eu-central-1', ready?.environment as object as never);
const queues = ['aws.nlb-1', 'aws.nlb-2', 'aws.nlb-3'];
const three = ['broker-1', 'broker-2', 'broker-3'];

/** Tries the addresses of the load balancer in turn, as docs tell clients to. */
async function client(name: string) {
  const uris = await stack.clientUris();
  const [uri = ''] = uris;
  return steadyClient({ uri, uris, queues, file: ledgerFile(name), maxMessages: 40_000 });
}

beforeAll(() => stack.open(), 900_000);
afterAll(async () => {
  expect(await stack.close()).toEqual([]);
}, 60_000);

test('clients of aws-quorum come through the load balancer, whose name leads to every zone', async () => {
  await stack.run('up');
  await stack.waitForBrokers(3, 120_000);
  await waitForTargets(stack, three, 60_000);
  const { aws, domain } = stack.plan();
  const places = (aws?.loadBalancers ?? []).flatMap((one) => one.places);
  const addresses = places.map(({ address }) => address).sort();
  expect(addresses).toHaveLength(3);
  expect(await stack.resolve(`rabbitmq.${domain}`)).toEqual(addresses);
  const account = await publishDuring(await client('nlb-first'), async (publisher) => {
    await publisher.moreConfirms(100, 30_000);
    expect(addresses).toContain(
      (await sessionOf(stack, publisher.connectionName, 'broker-1')).from,
    );
  });
  figure('through the load balancer', describeAccount(account));
});

test('a broker that is stopped through the API is out of the load balancer, and nothing confirmed is lost', async () => {
  const account = await publishDuring(await client('nlb-broker-lost'), async (publisher) => {
    const { broker } = await sessionOf(stack, publisher.connectionName, 'broker-1');
    const InstanceIds = [(await stack.instances())[broker] ?? ''];
    const others = three.filter((name) => name !== broker);
    const began = performance.now();
    await stack.account.ec2.send(new StopInstancesCommand({ InstanceIds, Force: true }));
    await waitForTargets(stack, others, 60_000);
    figure('out of the load balancer after, ms', Math.round(performance.now() - began));
    await publisher.moreConfirms(200, 60_000);
    await stack.account.ec2.send(new StartInstancesCommand({ InstanceIds }));
    await stack.waitForBrokers(3, 120_000);
    await waitForTargets(stack, three, 60_000);
  });
  figure('broker lost', describeAccount(account));
  expect(account.reconnects).toBeGreaterThan(0);
});
