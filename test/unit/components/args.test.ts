import * as pulumi from '@pulumi/pulumi';
import { beforeAll, describe, expect, it } from 'vitest';
import { checkedEnvironment, type EnvironmentArgs } from '../../../infra/components/args.ts';

beforeAll(async () => {
  const none = () => ({ id: '', state: {} });
  await pulumi.runtime.setMocks({ newResource: none, call: () => ({}) }, 'shop', 'prod');
});

const args: EnvironmentArgs = { topology: 'quorum-cluster' };

describe('the name of an environment in a program', () => {
  it("is the component's in each stack of Pulumi", () => {
    expect(checkedEnvironment('mq', args).config.stack).toBe('mq-prod');
  });

  it('does not say the same twice, and is what the program says', () => {
    expect(checkedEnvironment('prod', args).config.stack).toBe('prod');
    expect(checkedEnvironment('mq', { ...args, stack: 'orders' }).config.stack).toBe('orders');
  });
});

it('an Output in place of a plain value is refused with what to do instead', () => {
  const id = pulumi.output('vpc-0123456789abcdef0') as unknown as string;
  const wrong = () => checkedEnvironment('mq', { ...args, aws: { vpc: { id } } });
  expect(wrong).toThrow('a value of its args is an Output: aws.vpc.id');
});
