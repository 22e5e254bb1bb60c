import { expect, it } from 'vitest';
import { fencingStatements } from '../../../infra/aws/rights/documents.ts';
import { allows } from '../../aws/cloud/policy.ts';

const place = { partition: 'aws', region: 'eu-central-1', account: '123456789012' };
const statements = fencingStatements('mq', ['drbd-b'], place);

const may = (action: string, stack: string, host: string): boolean =>
  allows(statements, {
    action,
    resource: 'arn:aws:ec2:eu-central-1:123456789012:instance/i-0123456789abcdef0',
    context: {
      'aws:resourcetag/rabbitmq-ha-kit:stack': stack,
      'aws:resourcetag/rabbitmq-ha-kit:host': host,
    },
  });

it('a host may stop its peer, and nobody else', () => {
  expect(may('ec2:StopInstances', 'mq', 'drbd-b')).toBe(true);
  expect(may('ec2:StopInstances', 'mq', 'drbd-a')).toBe(false);
  expect(may('ec2:StopInstances', 'other', 'drbd-b')).toBe(false);
  for (const action of ['ec2:StartInstances', 'ec2:TerminateInstances', 'ec2:RebootInstances']) {
    expect(may(action, 'mq', 'drbd-b')).toBe(false);
  }
});

it('a host that fences none gets no right for it', () => {
  expect(fencingStatements('mq', [], place)).toEqual([]);
});
