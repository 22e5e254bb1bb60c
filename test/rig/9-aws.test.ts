import {
  DescribeInstancesCommand,
  DescribeVolumesCommand,
  DescribeVpcsCommand,
  StopInstancesCommand,
} from '@aws-sdk/client-ec2';
import { DeleteParameterCommand, DescribeParametersCommand } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { doneWhen, waitFor } from '../../infra/wait.ts';
import { probeMessage } from '../../infra/operations/amqp-probe.ts';
import { machineImages } from '../aws/cloud/launch.ts';
import { openPlacesOnAws, ParameterBook, secretsOnHosts } from '../aws/secrets.ts';
import { AwsStack } from '../aws/stack.ts';
import { touched } from '../aws/touched.ts';
import { routedHolder, routeHolders } from '../aws/virtual-address.ts';
import { describeAccount, publishDuring, steadyClient } from '../lib/ledger.ts';
import { readyStacks } from '../lib/ready-stacks.ts';
import { figure, ledgerFile } from '../lib/rig/environments.ts';
import { exposures } from '../lib/rig/secrets.ts';

/** The ready stack through the real engine and program; only what is behind the API is simulated. */
const ready = readyStacks.find(({ stack }) => stack === 'aws-haproxy');
const environment = ready?.environment as Record<string, unknown>;
/** Secrets that the user keeps in parameters of their own, and a user of the config among them. */
const brought = {
  'erlang-cookie': '/shop/erlang-cookie',
  'administrator-password': '/shop/administrator',
  'user-shop-password': '/shop/shop',
} as const;
const everything = { configure: '.*', write: '.*', read: '.*' };
const stack = new AwsStack('test-ec2', 'eu-central-1', {
  ...environment,
  definitions: { users: { shop: {} }, vhosts: { '/': { permissions: { shop: everything } } } },
  aws: { ...(environment['aws'] as object), secrets: { parameters: brought } },
});
const queues = ['aws.ledger'];

const parameters = new ParameterBook(stack);

/** With empty caches the image of its hosts and moto's environment are made first. */
beforeAll(async () => {
  await stack.open();
  await parameters.put(brought['erlang-cookie'], 'COOKIEBROUGHTBYUSERS');
  await parameters.put(brought['administrator-password'], 'administrator-of-the-user');
  await parameters.put(brought['user-shop-password'], 'shop-of-the-user');
}, 900_000);
afterAll(async () => {
  expect(await stack.close()).toEqual([]);
}, 60_000);

/** As a client of the config's user has it, whose password only the user and the hosts know. */
async function shopUri(): Promise<string> {
  const uri = new URL(await stack.clientUri());
  uri.username = 'shop';
  uri.password = parameters.values.get(brought['user-shop-password']) ?? '';
  return uri.href;
}

const cookies = async (): Promise<Set<string>> => {
  const brokers = ['broker-1', 'broker-2', 'broker-3'];
  const file = '/var/lib/rabbitmq/.erlang.cookie';
  return new Set(await Promise.all(brokers.map((host) => stack.exec(host, ['cat', file]))));
};

/** An `up` that is interrupted as soon as a call of that name has been answered. */
async function interruptedOnce(call: string): Promise<void> {
  const made = stack.calls().length;
  const update = stack.startUp();
  await waitFor(
    () => {
      const since = stack.calls().slice(made);
      return update.ended
        ? { failed: new Error('it ended before it was interrupted') }
        : doneWhen(
            since.some(({ name }) => name === call),
            `${since.length} calls`,
          );
    },
    { subject: `an answer to ${call}`, deadlineMs: 180_000, intervalMs: 50 },
  );
  update.signal('SIGINT');
  expect((await update.result).code).not.toBe(0);
}

test('an interrupted first `up` finishes what is under way, and the next one goes on', async () => {
  await interruptedOnce('ec2:RunInstances');
});

test('`pulumi up` of aws-haproxy ends with brokers that serve through the overlay address', async () => {
  await stack.run('up');
  await stack.waitForBrokers(3, 120_000);
  await routedHolder(stack, 60_000);
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

test('secrets that the user brings are used by hosts, and in no state or output', async () => {
  expect(await cookies()).toEqual(new Set(['COOKIEBROUGHTBYUSERS']));
  const { managementUri, users } = await stack.outputs();
  expect(new URL(managementUri)).toMatchObject({ username: 'administrator', password: '' });
  expect(users['shop']).not.toHaveProperty('password');
  await probeMessage({ uri: await shopUri(), deadlineMs: 20_000 });
  const places = new Map([['the decrypted state', await stack.exportedState()]]);
  expect(exposures(parameters.values, places)).toEqual([]);
});

test('rotation reaches running hosts: no connection is cut, nothing confirmed is lost', async () => {
  const before = await stack.outputs();
  const former = await secretsOnHosts(stack);
  await parameters.put(brought['erlang-cookie'], 'ANOTHERCOOKIEOFUSERS');
  await parameters.put(brought['administrator-password'], 'administrator-of-tomorrow');
  const account = await publishDuring(
    steadyClient({
      uri: await shopUri(),
      queues,
      file: ledgerFile('aws-rotated'),
      maxMessages: 40_000,
    }),
    async () => {
      const cookie = await stack.rotate('--cookie');
      figure('rotate --cookie, ms', cookie.tookMs);
      expect(cookie.stderr).toContain('hosts take up what /shop/erlang-cookie holds now');
      const credentials = await stack.rotate('--credentials');
      figure('rotate --credentials, ms', credentials.tookMs);
    },
  );
  figure('rotated', describeAccount(account));
  expect(account.reconnects).toBe(0);
  expect(await cookies()).toEqual(new Set(['ANOTHERCOOKIEOFUSERS']));
  // The kit's own: hosts were told, and the former one lets nobody in any more.
  const after = await stack.outputs();
  expect(after.amqpUri).not.toBe(before.amqpUri);
  await probeMessage({ uri: await stack.clientUri(), deadlineMs: 20_000 });
  await expect(
    probeMessage({ uri: await stack.clientUri(before.amqpUri), deadlineMs: 5_000 }),
  ).rejects.toThrow('ACCESS_REFUSED');
  const now = await secretsOnHosts(stack);
  expect([...former.keys()].filter((name) => former.get(name) === now.get(name))).toEqual([]);
  const known = new Map([...former, ...now].map(([name, value]) => [`${name}: ${value}`, value]));
  expect(exposures(known, await openPlacesOnAws(stack))).toEqual([]);
}, 600_000);

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
    // Interrupted once a host is gone: its disk is detached already, and must stay with the new one.
    await interruptedOnce('ec2:TerminateInstances');
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
  const lost = await routedHolder(stack, 60_000);
  const before = stack.calls().length;
  const instances = await stack.instances();
  const account = await publishDuring(
    steadyClient({ uri: await stack.clientUri(), queues, file: ledgerFile('aws-balancer-lost') }),
    async (publisher) => {
      const began = performance.now();
      const InstanceIds = [instances[lost] ?? ''];
      await stack.account.ec2.send(new StopInstancesCommand({ InstanceIds, Force: true }));
      const taker = await routedHolder(stack, 60_000, lost);
      figure('address moved through the API after, ms', Math.round(performance.now() - began));
      const moves = stack
        .calls()
        .slice(before)
        .filter(({ name, caller, status }) => {
          return name === 'ec2:ReplaceRoute' && caller === instances[taker] && status === 200;
        });
      const tables = new Set(moves.map(({ parameters }) => parameters['RouteTableId']));
      expect(tables.size).toBe(1);
      await publisher.moreConfirms(200, 60_000);
    },
  );
  figure('balancer lost', describeAccount(account));
  expect(account.reconnects).toBeGreaterThan(0);
});

test('after the fail-over refresh and `up` change nothing', async () => {
  const moved = await routeHolders(stack);
  await stack.run('refresh');
  const { stdout } = await stack.run('up');
  expect(touched(stdout)).toEqual([]);
  expect(await routeHolders(stack)).toEqual(moved);
});

test('a parameter that is not there stops a boot with one line, and the boot goes on once it is there', async () => {
  const id = (await stack.instances())['broker-3'] ?? '';
  const Name = brought['erlang-cookie'];
  await stack.account.ssm.send(new DeleteParameterCommand({ Name }));
  await stack.reboot(id);
  const said = (): string[] => stack.consoleOf(id).match(/rabbitmq-ha-kit: [^\r\n]*/g) ?? [];
  const why = `boot waits: there is no parameter ${Name} in Systems Manager (eu-central-1)`;
  await waitFor(
    () =>
      doneWhen(
        said().some((line) => line.includes(why)),
        said().join('\n'),
      ),
    {
      subject: 'broker-3 to say what is missing',
      deadlineMs: 60_000,
      intervalMs: 250,
    },
  );
  await expect(stack.exec('broker-3', ['pidof', 'beam.smp'])).rejects.toThrow('exit 1');
  // Meanwhile `up` says what the host says; the other brokers have taken up another password by then.
  await parameters.put(brought['user-shop-password'], 'shop-of-tomorrow');
  const mending = stack.startUp();
  await waitFor(
    () => {
      if (mending.ended) return { failed: new Error('it ended without the parameter') };
      return doneWhen(mending.said.includes(`broker-3: ${why}`), mending.said);
    },
    { subject: '`up` to say what broker-3 waits for', deadlineMs: 90_000, intervalMs: 250 },
  );
  await parameters.put(Name, 'ANOTHERCOOKIEOFUSERS');
  const { code, stderr } = await mending.result;
  expect(code, stderr).toBe(0);
  await stack.waitForBrokers(3, 60_000);
  expect(said()).toEqual([
    `rabbitmq-ha-kit: ${why}`,
    'rabbitmq-ha-kit: every secret is there; boot goes on',
  ]);
  await probeMessage({ uri: await shopUri(), deadlineMs: 20_000 });
});

test('destroy of a test rig leaves nothing', async () => {
  await stack.run('destroy');
  const { ec2, ssm } = stack.account;
  const vpcs = (await ec2.send(new DescribeVpcsCommand({}))).Vpcs ?? [];
  expect(vpcs.filter(({ IsDefault }) => IsDefault !== true)).toEqual([]);
  expect((await ec2.send(new DescribeVolumesCommand({}))).Volumes).toEqual([]);
  const { Parameters = [] } = await ssm.send(new DescribeParametersCommand({}));
  // What its user made stays the user's.
  expect(Parameters.map(({ Name }) => Name).sort()).toEqual(Object.values(brought).sort());
  const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({}));
  const states = Reservations.flatMap(({ Instances = [] }) => Instances).map(
    ({ State }) => State?.Name,
  );
  expect(states.every((state) => state === 'terminated')).toBe(true);
});
