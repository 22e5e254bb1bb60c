import { describe, expect, it } from 'vitest';
import { plan } from '../../lib/plans.ts';
import { summaryText } from '../../../scripts/lib/up-summary.ts';

const summary = {
  stack: 'trial',
  endpoints: {},
  servers: {},
  changes: {},
} as const;

const commands = (text: string): string[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('  npm run '))
    .map((line) => line.trim());

describe('what to try next', () => {
  it('is another topology that can stand behind the same front end', () => {
    expect(commands(summaryText(plan('quorum-cluster'), summary))).toEqual([
      'npm run status -- --stack trial',
      'npm run shell -- --stack trial broker-1 -- systemctl kill -s KILL rabbitmq-server',
      'npm run up -- --stack trial --topology warren',
      'npm run down -- --stack trial',
    ]);
  });

  it('is no other topology where the address moves with the one broker', () => {
    const drbd = plan('drbd-pacemaker', { frontEnd: 'pacemaker-vip' });
    expect(commands(summaryText(drbd, summary)).join()).not.toContain('--topology');
    const behind = plan('drbd-pacemaker', { frontEnd: 'haproxy-keepalived' });
    expect(commands(summaryText(behind, summary)).join()).toContain('--topology');
  });

  it('breaks the host that has the broker', () => {
    const drbd = plan('drbd-pacemaker', { frontEnd: 'pacemaker-vip' });
    const told = summaryText(drbd, { ...summary, brokerHost: 'drbd-b' });
    expect(told).toContain('trial drbd-b -- systemctl kill');
  });
});
