import {
  DescribeInstancesCommand,
  DescribeVolumesCommand,
  DescribeVpcsCommand,
  StopInstancesCommand,
} from '@aws-sdk/client-ec2';
import { DeleteParameterCommand, DescribeParametersCommand } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { doneWhen, waitFor } from '../../infra/wait.ts';
import { machineImages } from '../aws/cloud/launch.ts';
import { AwsStack } from '../aws/stack.ts';
import { touched } from '../aws/touched.ts';
import { describeAccount, publishDuring, steadyClient } from '../lib/ledger.ts';
import { readyStacks } from '../lib/ready-stacks.ts';
import { figure, ledgerFile } from '../lib/rig/environments.ts';

/** The ready stack through the real engine and program; only what is behind the API is simulated. */
const ready = readyStacks.find(({ stack }) => stack === 'aws-haproxy');
const stack = new AwsStack(
  'test-ec2',
  'eu-central-1',
  ready?.environment as Record<string, unknown>,
);
const queues = ['aws.ledger'];

/** With empty caches the image of its hosts and moto's environment are made first. */
beforeAll(() => stack.open(), 900_000);
afterAll(async () => {
  expect(await stack.close()).toEqual([]);
}, 60_000);

test('an interrupted first `up` finishes what is under way, and the next one goes on', async () => {
  const first = stack.startUp();
  await waitFor(
    () => {
      const made = stack.calls().filter(({ name }) => name === 'ec2:RunInstances').length;
      return first.ended
        ? { failed: new Error('it ended before it was interrupted') }
        : doneWhen(made > 0, `${stack.calls().length} calls`);
    },
    { subject: 'the first instance', deadlineMs: 180_000, intervalMs: 100 },
  );
  first.signal('SIGINT');
  expect((await first.result).code).not.toBe(0);
});

test('`pulumi up` of aws-haproxy ends with brokers that serve through the overlay address', async () => {
  await stack.run('up');
  await stack.waitForBrokers(3, 120_000);
  await stack.holder(60_000);
  const account = await publishDuring(
    steadyClient({ uri: await stack.clientUri(), queues, file: ledgerFile('aws-first') }),
    (publisher) => publisher.moreConfirms(200, 60_000),
  );
  figure('through the overlay address', describeAccount(account));
  const instances = await stack.instances();
  const calls = stack.calls();
  for (const [host, id] of Object.entries(instances)) {
    const fetched = calls.filter(
      ({ caller, name }) => caller === id && name === 'ssm:GetParameters',
    );
    expect(
      fetched.map(({ status }) => status),
      host,
    ).toContain(200);
  }
});

test('another image replaces one host after the other, and nothing confirmed is lost', async () => {
  const before = await stack.instances();
  const disks = await stack.dataDisks();
  const made = stack.calls().length;
  stack.configure({ images: { trixie: machineImages.nextTrixie } });
  const client = steadyClient({
    uri: await stack.clientUri(),
    queues,
    file: ledgerFile('aws-replaced'),
    maxMessages: 40_000,
  });
  const began = performance.now();
  const account = await publishDuring(client, async () => {
    await stack.run('up');
  });
  figure('five hosts replaced in turn, s', Math.round((performance.now() - began) / 1000));
  figure('replacement', describeAccount(account));
  const steps = stack
    .calls()
    .slice(made)
    .filter(({ name }) => /^ec2:(Run|Terminate)Instances$/.test(name))
    .map(({ name }) => name);
  const hosts = Object.keys(before);
  expect(steps).toEqual(hosts.flatMap(() => ['ec2:TerminateInstances', 'ec2:RunInstances']));
  const after = await stack.instances();
  expect(Object.keys(after).sort()).toEqual(hosts.sort());
  expect(Object.values(after).filter((id) => Object.values(before).includes(id))).toEqual([]);
  expect(Object.keys(disks)).toHaveLength(3);
  expect(await stack.dataDisks()).toEqual(disks);
  await stack.waitForBrokers(3, 60_000);
});

test('a lost balancer: the other one moves the address through the API, and nothing confirmed is lost', async () => {
  const lost = await stack.holder(60_000);
  const before = stack.calls().length;
  const instances = await stack.instances();
  const account = await publishDuring(
    steadyClient({ uri: await stack.clientUri(), queues, file: ledgerFile('aws-balancer-lost') }),
    async (publisher) => {
      const began = performance.now();
      const InstanceIds = [instances[lost] ?? ''];
      await stack.account.ec2.send(new StopInstancesCommand({ InstanceIds, Force: true }));
      const taker = await stack.holder(60_000, lost);
      figure('address moved through the API after, ms', Math.round(performance.now() - began));
      const moves = stack
        .calls()
        .slice(before)
        .filter(({ name, caller, status }) => {
          return name === 'ec2:ReplaceRoute' && caller === instances[taker] && status === 200;
        });
      const tables = new Set(moves.map(({ parameters }) => parameters['RouteTableId']));
      const { networks, aws } = stack.plan();
      const reached = networks.filter(({ name }) => aws?.subnets[name]?.reach === 'private');
      expect(tables.size).toBe(reached.length);
      await publisher.moreConfirms(200, 60_000);
    },
  );
  figure('balancer lost', describeAccount(account));
  expect(account.reconnects).toBeGreaterThan(0);
});

test('after the fail-over refresh and `up` change nothing', async () => {
  const moved = await stack.routeHolders();
  await stack.run('refresh');
  const { stdout } = await stack.run('up');
  expect(touched(stdout)).toEqual([]);
  expect(await stack.routeHolders()).toEqual(moved);
});

test('a parameter that is not there stops the boot with one line, which goes on once it is there', async () => {
  const id = (await stack.instances())['broker-3'] ?? '';
  const Name = stack.plan().aws?.parameters['erlang-cookie']?.name ?? '';
  await stack.account.ssm.send(new DeleteParameterCommand({ Name }));
  await stack.reboot(id);
  await waitFor(
    () => {
      const lines = stack.consoleOf(id).split('\n');
      const said = lines.filter((line) => line.includes('rabbitmq-ha-kit: '));
      const clear = said.some((line) => line.includes(`there is no parameter ${Name}`));
      return doneWhen(clear, said.join('\n'));
    },
    { subject: 'broker-3 to say what is missing', deadlineMs: 60_000, intervalMs: 250 },
  );
  await expect(stack.exec('broker-3', ['pidof', 'beam.smp'])).rejects.toThrow('exit 1');
  const own = (): string[] => stack.consoleOf(id).match(/rabbitmq-ha-kit: [^\r\n]*/g) ?? [];
  await stack.run('refresh');
  // It makes the parameter, and the host finds it by itself.
  const { stdout } = await stack.run('up');
  expect(touched(stdout)).toContain('1 created');
  await stack.waitForBrokers(3, 120_000);
  expect(own()).toEqual([
    expect.stringContaining(`boot waits: there is no parameter ${Name}`),
    'rabbitmq-ha-kit: every secret is there; boot goes on',
  ]);
});

test('destroy of a test rig leaves nothing', async () => {
  await stack.run('destroy');
  const { ec2, ssm } = stack.account;
  const vpcs = (await ec2.send(new DescribeVpcsCommand({}))).Vpcs ?? [];
  expect(vpcs.filter(({ IsDefault }) => IsDefault !== true)).toEqual([]);
  expect((await ec2.send(new DescribeVolumesCommand({}))).Volumes).toEqual([]);
  const parameters = await ssm.send(new DescribeParametersCommand({}));
  expect(parameters.Parameters).toEqual([]);
  const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({}));
  const states = Reservations.flatMap(({ Instances = [] }) => Instances).map(
    ({ State }) => State?.Name,
  );
  expect(states.every((state) => state === 'terminated')).toBe(true);
});
