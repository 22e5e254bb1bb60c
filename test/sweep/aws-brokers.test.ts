import { afterAll, beforeAll, expect, test } from 'vitest';
import { doneWhen, waitFor } from '../../infra/wait.ts';
import { machineImages } from '../aws/cloud/launch.ts';
import { AwsStack } from '../aws/stack.ts';
import { fewestTargets, waitForTargets } from '../aws/targets.ts';
import { describeAccount, publishDuring, steadyClient } from '../lib/ledger.ts';
import { readyStacks } from '../lib/ready-stacks.ts';
import { mustRun, runCommand } from '../lib/rig/command.ts';
import { figure, ledgerFile } from '../lib/rig/environments.ts';

/**
 * Every change of brokers behind a Network Load Balancer that really carries traffic, each interrupted once:
 * another image is a roll of all of them, another number leaves those that stay as they are.
 */
const ready = readyStacks.find(({ stack }) => stack === 'aws-quorum');
const environment = ready?.environment as { readonly aws: object };
// Its disks are protected, as everybody's are who does not say otherwise.
const aws = { ...environment.aws, testRig: false };
const stack = new AwsStack('test-nlb', 'eu-central-1', { ...environment, aws });
const queues = ['aws.nlb-1', 'aws.nlb-2', 'aws.nlb-3'];
const three = ['broker-1', 'broker-2', 'broker-3'];
const five = [...three, 'broker-4', 'broker-5'];

/** Tries the addresses of the load balancer in turn, as docs tell clients to. */
async function client(name: string) {
  const uris = await stack.clientUris();
  const [uri = ''] = uris;
  return steadyClient({ uri, uris, queues, file: ledgerFile(name), maxMessages: 40_000 });
}

afterAll(async () => {
  expect(await stack.close()).toEqual([]);
}, 60_000);

beforeAll(async () => {
  await stack.open();
  await stack.run('up');
  await stack.waitForBrokers(3, 120_000);
  await waitForTargets(stack, three, 60_000);
}, 900_000);

test('an interrupted replacement of brokers is finished by the next `up`; two always serve', async () => {
  const before = await stack.instances();
  const made = stack.calls().length;
  stack.configure({ images: { trixie: machineImages.nextTrixie } });
  const terminated = (): string[] => namesOf(made, 'ec2:TerminateInstances');
  const account = await publishDuring(await client('nlb-replaced'), async () => {
    const roll = async (): Promise<void> => {
      await interrupt('the second broker to be gone', () =>
        Promise.resolve(terminated().length === 2),
      );
      const left = Object.values(await stack.instances());
      expect(left.filter((id) => Object.values(before).includes(id))).toHaveLength(1);
      await stack.run('up');
      await waitForTargets(stack, three, 60_000);
    };
    expect(await fewestTargets(stack, roll())).toBe(2);
  });
  figure('interrupted replacement', describeAccount(account));
  const after = await stack.instances();
  expect(Object.keys(after).sort()).toEqual(three);
  expect(Object.values(after).filter((id) => Object.values(before).includes(id))).toEqual([]);
  // No broker stops before the load balancer has let go of it.
  const steps = namesOf(made, 'elasticloadbalancing:DeregisterTargets', 'ec2:TerminateInstances');
  for (const [index, step] of steps.entries()) {
    if (step !== 'ec2:TerminateInstances') continue;
    expect(steps[index - 1]).toBe('elasticloadbalancing:DeregisterTargets');
  }
});

test('three brokers become five: an interrupted `up` goes on, and those that are there stay', async () => {
  const before = await stack.instances();
  const made = stack.calls().length;
  stack.configure({}, { quorumCluster: { brokers: 5 } });
  const account = await publishDuring(await client('nlb-growth'), async () => {
    await interrupt('the first new broker to be made', () =>
      Promise.resolve(namesOf(made, 'ec2:RunInstances').length === 1),
    );
    await stack.run('up');
    await stack.waitForBrokers(5, 60_000);
    await waitForTargets(stack, five, 60_000);
  });
  figure('growth', describeAccount(account));
  expect(await stack.instances()).toMatchObject(before);
  expect(await membersOfQueues()).toEqual(queues.map(() => 5));
  expect(await peersOf('broker-1')).toHaveLength(4);
});

test('five become three again: protected disks stop that before any change', async () => {
  stack.configure({}, { quorumCluster: { brokers: 3 } });
  const made = stack.calls().length;
  const refused = await runCommand(['up', '--stack', stack.name], 300_000);
  expect(refused.code).toBe(1);
  const urns = [...refused.stderr.matchAll(/state unprotect --yes '([^']+)'/g)].map(
    ([, urn = '']) => urn,
  );
  expect(urns.map((urn) => urn.split('::').at(-1)).sort()).toEqual([
    'test-nlb-broker-4-data',
    'test-nlb-broker-5-data',
  ]);
  const changing = stack
    .calls()
    .slice(made)
    .filter(({ name }) => !/:(Describe|Get|List)/.test(name));
  expect(changing.map(({ name }) => name)).toEqual([]);
  await stack.waitForBrokers(5, 30_000);
  for (const urn of urns) {
    const unprotect = ['--', 'state', 'unprotect', '--yes', urn];
    await mustRun(['pulumi', '--stack', stack.name, ...unprotect], 60_000);
  }
  const before = await stack.instances();
  const account = await publishDuring(await client('nlb-fewer'), async () => {
    await interrupt('one broker to be out of the cluster', async () => (await nodes()) === 4);
    await stack.run('up');
    await stack.waitForBrokers(3, 60_000);
    await waitForTargets(stack, three, 60_000);
  });
  figure('fewer brokers', describeAccount(account));
  const after = await stack.instances();
  expect(Object.keys(after).sort()).toEqual(three);
  expect(before).toMatchObject(after);
  expect(await membersOfQueues()).toEqual(queues.map(() => 3));
  expect(await peersOf('broker-1')).toHaveLength(2);
  const disks = three.map((name) => `test-nlb-${name}-data`);
  expect(Object.keys(await stack.dataDisks()).sort()).toEqual(disks);
});

/** Begins an `up`, and interrupts it as a person does once `until` holds. */
async function interrupt(subject: string, until: () => Promise<boolean>): Promise<void> {
  const first = stack.startUp();
  await waitFor(
    async () =>
      first.ended
        ? { failed: new Error('it ended before it was interrupted') }
        : doneWhen(await until(), 'not yet'),
    { subject, deadlineMs: 300_000, intervalMs: 100 },
  );
  first.signal('SIGINT');
  expect((await first.result).code).not.toBe(0);
}

/** Hosts that the broker's own settings name as others of its cluster. */
async function peersOf(host: string): Promise<string[]> {
  const told = await stack.exec(host, ['cat', '/etc/rabbitmq-ha-kit/cluster.env']);
  return (/^PEERS='(.*)'$/m.exec(told)?.[1] ?? '').split(' ');
}

async function nodes(): Promise<number> {
  const told = await stack.exec('broker-1', [
    ...['/usr/local/sbin/mq-api', 'GET', '/api/nodes?columns=name'],
  ]);
  return (JSON.parse(told) as unknown[]).length;
}

/** Names of the calls among these since the given one, in order. */
const namesOf = (since: number, ...names: readonly string[]): string[] =>
  stack
    .calls()
    .slice(since)
    .filter(({ name, status }) => names.includes(name) && status === 200)
    .map(({ name }) => name);

/** How many brokers hold each of the queues. */
async function membersOfQueues(): Promise<number[]> {
  const told = await stack.exec('broker-1', [
    ...['/usr/local/sbin/mq-api', 'GET', '/api/queues?columns=name,members'],
  ]);
  const found = JSON.parse(told) as { name: string; members: string[] }[];
  return queues.map((queue) => found.find(({ name }) => name === queue)?.members.length ?? 0);
}
