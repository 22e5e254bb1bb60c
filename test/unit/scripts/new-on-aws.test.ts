import { describe, expect, it } from 'vitest';
import { planEnvironment } from '../../../infra/plan/environment.ts';
import { askAt } from '../../../scripts/lib/ask.ts';
import { type AwsWishes, chooseStack, type Wishes } from '../../../scripts/lib/new-questions.ts';
import { newStackFile } from '../../../scripts/lib/new-stack.ts';
import { newStackText } from '../../../scripts/lib/new-summary.ts';

const places = { schema: '/kit/schema/stack.schema.json', folder: '/kit/stacks' };
const openOnAws: AwsWishes = {
  region: undefined,
  instanceType: undefined,
  packages: undefined,
  virtualAddress: undefined,
  testRig: undefined,
};
const open: Omit<Wishes, 'aws'> = {
  stack: 'shop',
  topology: 'quorum-cluster',
  frontEnd: undefined,
  target: undefined,
  brokers: undefined,
  memory: undefined,
  disk: undefined,
  zones: undefined,
};
const wishes = (aws: Partial<AwsWishes>, rest: Partial<Wishes> = {}): Wishes => ({
  ...open,
  ...rest,
  aws: { ...openOnAws, ...aws },
});

/** What is written for these wishes where nobody can be asked. */
async function written(...[aws, rest]: Parameters<typeof wishes>) {
  const { stack, choice } = await chooseStack(wishes(aws, rest), [], undefined);
  return { choice, ...newStackFile(stack, choice, places) };
}

it('a region is enough: everything else has a default that is meant for a service', async () => {
  const { text } = await written({ region: 'eu-west-1' });
  expect(text).toMatchInlineSnapshot(`
    "# Shows a quorum-cluster of 3 brokers on EC2, front end haproxy-keepalived. \`npm run up -- --stack shop\`.
    # yaml-language-server: $schema=../schema/stack.schema.json
    config:
      rabbitmq-ha-kit:environment:
        target: aws
        topology: quorum-cluster
        frontEnd: haproxy-keepalived
        network:
          zones:
            - a
            - b
            - c
        quorumCluster:
          brokers: 3
        brokers:
          memory: 7GiB
          disk: 28GiB
        aws:
          region: eu-west-1
          instanceTypes:
            broker: m7g.large
          nat: one
          virtualAddress:
            mechanism: overlay
    "
  `);
});

describe('the instance type', () => {
  it.each([
    [{ memory: '2GiB' }, {}, 'm7g.medium', '2GiB'],
    [{ memory: '8GiB' }, {}, 'm7g.xlarge', '8GiB'],
    [{}, { instanceType: 'r7g.xlarge' }, 'r7g.xlarge', '30GiB'],
  ])('follows from the memory, or the memory from it: %j %j', async (rest, aws, type, memory) => {
    const { config, choice } = await written({ region: 'us-east-1', ...aws }, rest);
    expect(config.aws.instanceTypes.broker).toBe(type);
    expect(choice.memory).toBe(memory);
  });
  it('of another processor is that of the balancers too', async () => {
    const { config } = await written({ region: 'us-east-1', instanceType: 'm7i.large' });
    expect(config.aws.instanceTypes.balancer).toBe('t3.small');
  });
});

describe('what cannot be', () => {
  it.each([
    [{ target: 'rig' }, { region: 'eu-west-1' }, /--region.* are for target aws alone/],
    [{ target: 'aws' }, {}, /--region is missing/],
    [{}, { region: 'Ireland' }, /^the new stack has one problem\n {2}aws\.region/],
    [{ frontEnd: 'direct' }, { region: 'eu-west-1', virtualAddress: 'overlay' }, /--vip does not/],
    [
      {},
      { region: 'eu-west-1', packages: 'nat', virtualAddress: 'elastic-ip' },
      /leaves the balancer that does not hold the address without a way to packages/,
    ],
    [
      { frontEnd: 'nlb', topology: 'warren' },
      { region: 'eu-west-1' },
      /send clients to the standby/,
    ],
    [{ memory: '9000GiB' }, { region: 'eu-west-1' }, /brokers\.memory/],
    [{ zones: ['a', 'b'] }, { region: 'eu-west-1' }, /network\.zones are too few/],
  ] as const)('is said: %j %j', async (rest, aws, words) => {
    await expect(written(aws, rest)).rejects.toThrow(words);
  });
});

it('zones may be named with their region', async () => {
  const zones = ['ap-northeast-1a', 'c', 'd'];
  const { config } = await written({ region: 'ap-northeast-1' }, { zones });
  expect(config.network.zones).toEqual(['a', 'c', 'd']);
});

it('an Elastic IP brings images of your own with it', async () => {
  const { config } = await written({ region: 'eu-west-1', virtualAddress: 'elastic-ip' });
  expect(config.aws).toMatchObject({ goldenImage: true, nat: 'none' });
});

it('a person is asked what the choice so far leaves open, and told the next steps', async () => {
  const shown: string[] = [];
  const answers = ['aws', '', '', '5', 'us-east-1', 'x', 'b,c,d', '', '2', 'sec', 'trial', ''];
  const ask = askAt({
    say: (line) => void shown.push(line),
    read: () => Promise.resolve(answers.shift() ?? ''),
  });
  const wished = wishes({}, { stack: undefined, topology: undefined });
  const { stack, choice } = await chooseStack(wished, [], ask);
  expect(answers).toEqual([]);
  expect({ stack, choice }).toMatchInlineSnapshot(`
    {
      "choice": {
        "aws": {
          "instanceType": "m7g.large",
          "packages": "nat-per-zone",
          "region": "us-east-1",
          "testRig": true,
          "virtualAddress": "secondary-ip",
        },
        "brokers": 5,
        "disk": "28GiB",
        "frontEnd": "haproxy-keepalived",
        "memory": "7GiB",
        "target": "aws",
        "topology": "quorum-cluster",
        "zones": [
          "b",
          "c",
          "d",
        ],
      },
      "stack": "my-quorum-cluster",
    }
  `);
  expect(shown.join('')).toContain('network.zones is too small; allowed: at least 2 entries');
  const { config } = newStackFile(stack, choice, places);
  expect(newStackText('/kit/stacks/x.yaml', planEnvironment(config), choice).split('Next')[1])
    .toMatchInlineSnapshot(`
    "
      aws sts get-caller-identity
          credentials: AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY
      npm run images -- --stack my-quorum-cluster
          pin Debian's newest image
      npm run cost -- --stack my-quorum-cluster
          what a month costs
      npm run pulumi -- --stack my-quorum-cluster preview --policy-pack policy
          what would be made, and whether it is safe; changes nothing
      npm run up -- --stack my-quorum-cluster
          bring it up
      npm run down -- --stack my-quorum-cluster
          takes everything, disks and messages too
    "
  `);
});
