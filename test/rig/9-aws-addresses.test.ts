import { StartInstancesCommand, StopInstancesCommand } from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { doneWhen, waitFor } from '../../infra/wait.ts';
import { greets } from '../../scripts/bench/amqp-greeting.ts';
import { giveRights, takeRight } from '../aws/role.ts';
import { AwsStack } from '../aws/stack.ts';
import { touched } from '../aws/touched.ts';
import { type Balancer, balancers, ledTo, oneHolder, otherOf } from '../aws/virtual-address.ts';
import { describeAccount, publishDuring, steadyClient } from '../lib/ledger.ts';
import { figure, ledgerFile } from '../lib/rig/environments.ts';

const region = 'eu-central-1';
const small = {
  target: 'aws',
  topology: 'warren',
  brokers: { memory: '4GiB', disk: '10GiB' },
} as const;
const aws = { region, goldenImage: true, nat: 'none' } as const;

/** What moves by an interface; what moves by routes is the subject of 9-aws.test.ts. */
const inOneSubnet = new AwsStack('test-ec2-second', region, {
  ...small,
  network: { zones: ['a', 'b'] },
  aws: { ...aws, virtualAddress: { mechanism: 'secondary-ip' } },
});
const onTheInternet = new AwsStack('test-ec2-public', region, {
  ...small,
  network: { zones: ['a', 'b'], clients: ['203.0.113.0/24'] },
  aws: { ...aws, virtualAddress: { mechanism: 'elastic-ip' } },
});
const stacks = [inOneSubnet, onTheInternet];

/** Both at once: most of the time hosts wait for each other. */
const onBoth = async (step: (stack: AwsStack) => Promise<unknown>): Promise<void> => {
  const results = await Promise.allSettled(stacks.map(step));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
};

const queues = ['aws.addresses'];
const facts = new Map<AwsStack, { uri: string; ids: Readonly<Record<string, string>> }>();
const idOf = (stack: AwsStack, host: string): string => facts.get(stack)?.ids[host] ?? '';

async function publish(
  stack: AwsStack,
  name: string,
  disturb: () => Promise<unknown>,
): Promise<void> {
  const file = ledgerFile(`${stack.name}-${name.replaceAll(' ', '-')}`);
  const client = steadyClient({ uri: facts.get(stack)?.uri ?? '', queues, file });
  const account = await publishDuring(client, async (publisher) => {
    await disturb();
    await publisher.moreConfirms(100, 60_000);
  });
  figure(`${stack.name}, ${name}`, describeAccount(account));
  expect(account.reconnects).toBeGreaterThan(0);
}

/** Takes the holder's power; the address goes to the other one. @returns who was lost */
async function loseHolder(stack: AwsStack): Promise<Balancer> {
  const lost = await oneHolder(stack, balancers, 30_000);
  await publish(stack, `${lost} lost`, async () => {
    const InstanceIds = [idOf(stack, lost)];
    await stack.account.ec2.send(new StopInstancesCommand({ InstanceIds, Force: true }));
    await oneHolder(stack, [otherOf(lost)], 30_000);
  });
  return lost;
}

/** What does not wait for an old connection to be given up goes by the new holder at once. */
const newConnection = (stack: AwsStack): Promise<true> => {
  const { hostname: address, port } = new URL(facts.get(stack)?.uri ?? '');
  const greeting = { address, port: Number(port), deadlineMs: 1_000 };
  return waitFor(async () => doneWhen(await greets(greeting), 'no answer'), {
    subject: 'a broker to answer a new client',
    deadlineMs: 10_000,
    intervalMs: 50,
  });
};

/** A master that stands still, loses the address meanwhile, and goes on as master. */
async function freezeHolder(stack: AwsStack): Promise<void> {
  const stale = await oneHolder(stack, balancers, 30_000);
  await publish(stack, `${stale} frozen and back`, async () => {
    stack.freeze(idOf(stack, stale), true);
    try {
      await oneHolder(stack, [otherOf(stale)], 30_000);
      await newConnection(stack);
    } finally {
      stack.freeze(idOf(stack, stale), false);
    }
    // Of two masters the one of higher priority stays, whoever of them is the stale one.
    await oneHolder(stack, balancers, 30_000, 'balancer-1');
  });
}

/** What of a stack's standby is missing, and the action that its role may not do. */
const missing = [
  { stack: inOneSubnet, action: 'ssm:GetParameters' },
  { stack: onTheInternet, action: 'kms:Decrypt' },
];
const giveBack: (() => Promise<void>)[] = [];

/** With empty caches the image of the hosts and moto's environment are made first. */
beforeAll(async () => {
  for (const stack of stacks) await stack.open();
}, 900_000);
afterAll(async () => {
  for (const stack of stacks) expect(await stack.close()).toEqual([]);
}, 60_000);

test('`up` ends with the address with one balancer, by EC2 and in the hosts', async () => {
  await onBoth(async (stack) => {
    await stack.run('up');
    await oneHolder(stack, balancers, 30_000, 'balancer-1');
    facts.set(stack, { uri: await stack.clientUri(), ids: await stack.instances() });
  });
});

test('a role that lacks a right does not keep its host from being started again', async () => {
  for (const { stack, action } of missing) {
    giveBack.push(await takeRight(stack, idOf(stack, 'rabbit-b'), action));
    await stack.reboot(idOf(stack, 'rabbit-b'));
  }
});

test.concurrent(
  'secondary address: a stale master takes it back; it leaves one that is lost',
  async () => {
    await freezeHolder(inOneSubnet);
    expect(await loseHolder(inOneSubnet)).toBe('balancer-1');
  },
);

test.concurrent(
  'public address: it leaves one that is lost; a stale master gives it up',
  async () => {
    const lost = await loseHolder(onTheInternet);
    const InstanceIds = [idOf(onTheInternet, lost)];
    await onTheInternet.account.ec2.send(new StartInstancesCommand({ InstanceIds }));
    await oneHolder(onTheInternet, balancers, 30_000, otherOf(lost));
    await freezeHolder(onTheInternet);
  },
);

test('no balancer ever takes the address away from anybody', () => {
  for (const stack of stacks) {
    const taken = stack.calls().filter(({ caller, name }) => {
      return caller !== 'operator' && /^ec2:(Unassign|Disassociate)/.test(name);
    });
    expect(taken).toEqual([]);
  }
});

describe('fence_aws', () => {
  const victim = 'balancer-1' satisfies Balancer;
  const host = otherOf(victim);
  /** Its words, and its exit code where that is not 0: of `status` 2 says that the power is off. */
  const fence = (action: string, other = victim): Promise<string> =>
    inOneSubnet.exec(
      host,
      [
        ...['sh', '-c', 'fence_aws "$@" 2>&1 || echo "exit $?"', 'fence'],
        ...['--region', region, '--plug', idOf(inOneSubnet, other), '--action', action],
      ],
      60_000,
    );
  /** Its calls that the API refused: the agent has but one word for everything that fails. */
  const refused = (): string[] =>
    inOneSubnet
      .calls()
      .filter(({ caller }) => caller === idOf(inOneSubnet, host))
      .flatMap(({ name, error }) => (error === 'UnauthorizedOperation' ? [name] : []));
  const powered = (name: string): boolean => inOneSubnet.isPowered(idOf(inOneSubnet, name));

  test('is refused what the role of its host may not do', async () => {
    expect(await fence('on')).toContain('exit');
    expect(refused()).toEqual(['ec2:DescribeInstances']);
    expect(powered(victim)).toBe(false);
  });

  test('gives and takes the power of the one host that the role names by its tag', async () => {
    await giveRights(inOneSubnet, idOf(inOneSubnet, host), [
      { Effect: 'Allow', Action: 'ec2:DescribeInstances', Resource: '*' },
      {
        Effect: 'Allow',
        Action: ['ec2:StartInstances', 'ec2:StopInstances'],
        Resource: 'arn:aws:ec2:*:*:instance/*',
        Condition: { StringEquals: { 'aws:ResourceTag/rabbitmq-ha-kit:host': victim } },
      },
    ]);
    expect(await fence('status')).toContain('OFF');
    expect(await fence('on')).toContain('Success');
    expect(await fence('status')).toContain('ON');
    expect(powered(victim)).toBe(true);
    expect(await fence('off')).toContain('Success');
    expect(powered(victim)).toBe(false);
    expect(await fence('off', 'rabbit-a')).toContain('exit');
    expect(refused().at(-1)).toBe('ec2:StopInstances');
    expect(powered('rabbit-a')).toBe(true);
    expect(await fence('on')).toContain('Success');
    await oneHolder(inOneSubnet, balancers, 30_000, host);
  });
});

test.each(missing)(
  'without $action a boot stops with one clear line',
  async ({ stack, action }) => {
    const id = idOf(stack, 'rabbit-b');
    const said = await waitFor(
      () => {
        const lines = stack.consoleOf(id).match(/rabbitmq-ha-kit: [^\r\n]*/g) ?? [];
        return lines.length > 0 ? { done: true, value: lines } : { seen: 'nothing of the kit' };
      },
      { subject: `rabbit-b without ${action} to say so`, deadlineMs: 60_000, intervalMs: 250 },
    );
    expect(said).toHaveLength(1);
    expect(said[0]).toContain(`not authorized to perform: ${action}`);
    await expect(stack.exec('rabbit-b', ['pidof', 'beam.smp'])).rejects.toThrow('exit 1');
  },
);

test('with the rights back, refresh and `up` change nothing, and the address stays', async () => {
  for (const give of giveBack) await give();
  await onBoth(async (stack) => {
    const before = await ledTo(stack);
    await stack.run('refresh');
    const { stdout } = await stack.run('up');
    expect(touched(stdout)).toEqual([]);
    expect(await ledTo(stack)).toEqual(before);
    expect(await oneHolder(stack, balancers, 10_000)).toBe(before[0]);
    expect(await stack.exec('rabbit-b', ['pidof', 'beam.smp'])).not.toBe('');
  });
});
