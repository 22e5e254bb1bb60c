import { describe, expect, test } from 'vitest';
import { allows, matches, type Need, type Statement } from '../../aws/cloud/policy.ts';

const parameter = 'arn:aws:ssm:eu-central-1:123456789012:parameter/shop/erlang-cookie';
const read: Need = { action: 'ssm:GetParameters', resource: parameter, context: {} };
const allow = (over: Partial<Statement> = {}): Statement => ({
  Effect: 'Allow',
  Action: ['ssm:GetParameters'],
  Resource: [parameter],
  ...over,
});

describe('the simulated IAM', () => {
  test('allows what a statement names, and nothing else', () => {
    expect(allows([allow()], read)).toBe(true);
    expect(allows([], read)).toBe(false);
    expect(allows([allow({ Action: ['ssm:GetParameter'] })], read)).toBe(false);
    expect(allows([allow({ Resource: [`${parameter}-2`] })], read)).toBe(false);
  });

  test('a denial wins over every permission', () => {
    expect(allows([allow(), allow({ Effect: 'Deny', Resource: '*' })], read)).toBe(false);
  });

  test('a condition on what the call does not say does not hold', () => {
    const Condition = { StringEquals: { 'kms:ViaService': 'ssm.eu-central-1.amazonaws.com' } };
    const decrypt = { ...read, context: { 'kms:viaservice': 'ssm.eu-central-1.amazonaws.com' } };
    expect(allows([allow({ Condition })], decrypt)).toBe(true);
    expect(allows([allow({ Condition })], read)).toBe(false);
  });

  test('an operator that it does not know is an error, not a refusal', () => {
    const Condition = { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } };
    expect(() => allows([allow({ Condition })], read)).toThrow('no operator IpAddress');
  });

  test('patterns are those of IAM: dots and slashes stand for themselves', () => {
    expect(matches('arn:aws:ec2:*:*:route-table/rtb-?', 'arn:aws:ec2:a:b:route-table/rtb-1')).toBe(
      true,
    );
    expect(matches('ssm.amazonaws.com', 'ssmXamazonawsXcom')).toBe(false);
    expect(matches('ec2:describe*', 'ec2:DescribeInstances', true)).toBe(true);
  });
});
