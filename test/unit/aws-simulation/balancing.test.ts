import { describe, expect, test } from 'vitest';
import {
  type Balancer,
  deregistration,
  groupRules,
  nodesOf,
  proxyConfig,
  registration,
  statesIn,
  type TargetGroup,
} from '../../aws/cloud/balancing/model.ts';
import { nativeTool } from '../../lib/native-tools.ts';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const group: TargetGroup = {
  arn: 'arn:group',
  name: 'amqp',
  check: {
    ...{ protocol: 'HTTPS', port: 15_671, path: '/favicon.ico', codes: '200' },
    ...{ intervalSeconds: 5, timeoutSeconds: 2, rise: 2, fall: 3 },
  },
  cutOnUnhealthy: true,
  targets: [
    { id: 'i-a', address: '10.77.20.11', zone: 'a', port: 5671 },
    { id: 'i-b', address: '10.77.36.11', zone: 'b', port: 5671 },
  ],
};
const [target] = group.targets as [TargetGroup['targets'][number]];
const balancer: Balancer = {
  arn: 'arn:balancer',
  dnsName: 'front.elb.amazonaws.com',
  crossZone: true,
  places: [
    { subnet: 'subnet-a', cidr: '10.77.16.0/20', zone: 'a', address: '10.77.28.11' },
    { subnet: 'subnet-b', cidr: '10.77.32.0/20', zone: 'b', address: '10.77.44.12' },
  ],
  listeners: [{ port: 5671, idleSeconds: 350, group }],
  ingress: [{ protocol: 'tcp', firstPort: 5671, lastPort: 5671, peers: ['10.0.0.0/8'] }],
  egress: [],
};

const targetsOf = (one: Balancer): string[][] =>
  nodesOf(one).map(({ listeners }) =>
    listeners.flatMap((listener) => listener.group.targets.map(({ id }) => id)),
  );

describe('a load balancer of the simulated cloud', () => {
  test('leads from each zone to all targets, or without cross-zone balancing to its own', () => {
    expect(targetsOf(balancer)).toEqual([
      ['i-a', 'i-b'],
      ['i-a', 'i-b'],
    ]);
    expect(targetsOf({ ...balancer, crossZone: false })).toEqual([['i-a'], ['i-b']]);
  });

  test('lets pass what its security groups allow, and nothing else', () => {
    const rules = groupRules(balancer);
    expect(rules.match(/policy drop/g)).toHaveLength(2);
    expect(rules.match(/.* dport .*/g)).toEqual([
      '    ip saddr { 10.0.0.0/8 } tcp dport 5671-5671 accept',
    ]);
  });

  test('checks a target as its group says before it leads there', () => {
    const told = registration(group, target);
    expect(told[0]).toBe(
      'add server amqp/i-a 10.77.20.11:5671 check port 15671 inter 5s rise 2 fall 3 ' +
        'check-ssl verify none on-marked-down shutdown-sessions',
    );
    expect(told.join('\n')).toContain('set server amqp/i-a health down');
    const lasting = registration({ ...group, cutOnUnhealthy: false }, target);
    expect(lasting.join('\n')).not.toContain('shutdown-sessions');
  });

  test('cuts the connections of a target that leaves', () => {
    expect(deregistration(group, 'i-a').slice(0, 3)).toEqual([
      'set server amqp/i-a state maint',
      'shutdown sessions server amqp/i-a',
      'del server amqp/i-a',
    ]);
  });

  test('tells healthy targets from those that failed a check and those that had none', () => {
    const states = statesIn(
      [
        '1',
        '# be_id be_name srv_id srv_name srv_op_state srv_check_result',
        '3 amqp 1 i-a 2 3',
        '3 amqp 2 i-b 0 2',
        '3 amqp 3 i-c 0 3',
        '',
      ].join('\n'),
    );
    expect(Object.fromEntries(states)).toEqual({
      'amqp/i-a': 'healthy',
      'amqp/i-b': 'unhealthy',
      'amqp/i-c': 'initial',
    });
  });

  test.each(['HTTPS', 'TCP'] as const)(
    'has a config that HAProxy takes, with %s',
    async (protocol) => {
      const folder = mkdtempSync(join(tmpdir(), 'rabbitmq-ha-kit-balancer-'));
      try {
        const check = { ...group.check, protocol };
        const [node] = nodesOf({
          ...balancer,
          listeners: [{ port: 5671, idleSeconds: 350, group: { ...group, check } }],
        });
        if (node === undefined) throw new Error('a balancer without a node');
        writeFileSync(join(folder, 'haproxy.cfg'), proxyConfig(node, '/tmp/stats.sock'));
        const checked = await nativeTool('haproxy', folder, (path) => [
          ...['-c', '-f', `${path}/haproxy.cfg`],
        ]);
        expect(checked, checked.output).toMatchObject({ code: 0 });
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  );
});
