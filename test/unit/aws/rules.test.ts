import { describe, expect, it } from 'vitest';
import { descriptionOf, groupRules, groupsOf } from '../../../infra/aws/security/rules.ts';
import { requireRoomForRules } from '../../../infra/aws/security/room.ts';
import { shortNameOf } from '../../../infra/aws/site.ts';
import type { Flow, FlowEnd } from '../../../infra/plan/model.ts';
import { awsEnvironments, planOf } from '../../lib/aws/environments.ts';

const { aws } = planOf('trial', awsEnvironments['secured']);

const broker: FlowEnd = { kind: 'role', role: 'broker', ranges: ['10.77.20.0/22'] };
const balancer: FlowEnd = {
  kind: 'role',
  role: 'balancer',
  ranges: ['10.77.28.0/22', '10.255.255.10/32'],
};
const clients: FlowEnd = {
  kind: 'outside',
  name: 'clients',
  ranges: ['10.77.0.0/16', '192.0.2.0/24'],
};

const flow = (from: FlowEnd, to: FlowEnd, ports: readonly number[], why = 'trial'): Flow => ({
  ...{ from, to, ports, why },
  protocol: 'tcp',
});

const names = (...flows: readonly Flow[]): string[] =>
  groupRules({ flows, aws }).map(({ name }) => name);

describe('rules of security groups', () => {
  it('name groups inside of the environment, and networks outside', () => {
    expect(names(flow(broker, broker, [4369]))).toEqual([
      'broker-out-tcp-4369-to-broker',
      'broker-in-tcp-4369-from-broker',
    ]);
    expect(names(flow(clients, broker, [5672]))).toEqual([
      'broker-in-tcp-5672-from-10.77.0.0-16',
      'broker-in-tcp-5672-from-192.0.2.0-24',
    ]);
  });

  it('open the way to an overlay address by that address: no group stands for it', () => {
    expect(names(flow(broker, balancer, [80]))).toEqual([
      'broker-out-tcp-80-to-balancer',
      'broker-out-tcp-80-to-10.255.255.10-32',
      'balancer-in-tcp-80-from-broker',
    ]);
  });

  it('lead to the API by the group of its endpoints, and by its address where there are none', () => {
    const apis: FlowEnd = { kind: 'outside', name: 'aws-apis', ranges: ['0.0.0.0/0'] };
    expect(names(flow(broker, apis, [443]))).toEqual([
      'broker-out-tcp-443-to-endpoints',
      'endpoints-in-tcp-443-from-broker',
    ]);
    const bare = aws && { ...aws, vpc: { ...aws.vpc, endpoints: [] } };
    const rules = groupRules({ flows: [flow(broker, apis, [443])], aws: bare });
    expect(rules.map(({ name }) => name)).toEqual(['broker-out-tcp-443-to-0.0.0.0-0']);
    expect(groupsOf(rules)).toEqual(['broker']);
  });

  it('join neighbouring ports, and flows that differ in their reason only', () => {
    const rules = groupRules({
      flows: [
        flow(clients, broker, [6001, 6000, 6002, 7000], 'one'),
        flow(clients, broker, [7000], 'another'),
      ],
      aws,
    });
    expect(rules.map(({ ports, why, peer }) => ({ ports, why, peer }))).toMatchObject([
      { ports: [6000, 6002], why: ['one'] },
      { ports: [7000, 7000], why: ['one', 'another'] },
      { ports: [6000, 6002], why: ['one'] },
      { ports: [7000, 7000], why: ['one', 'another'] },
    ]);
  });

  it('are not made for what AWS lets pass whatever they say', () => {
    const resolver: FlowEnd = {
      ...{ kind: 'outside', name: 'vpc-services', ranges: ['169.254.169.253/32'] },
      ungoverned: true,
    };
    expect(names(flow(broker, resolver, [53]))).toEqual([]);
  });

  it('describe themselves in the characters that EC2 takes', () => {
    const text = descriptionOf({ why: ["the brokers' own – über", 'x'.repeat(300)] });
    expect(text).toMatch(/^the brokers {2}own {4}ber; x+$/);
    expect(text).toHaveLength(255);
  });
});

describe('the quota of rules', () => {
  const inbound = (networks: number) => {
    const ranges = Array.from({ length: networks }, (_, index) => `192.0.2.${index}/32`);
    return { flows: [flow({ ...clients, ranges }, broker, [5672])], aws };
  };

  it('is kept, or nothing is made', () => {
    expect(() => {
      requireRoomForRules(inbound(60));
    }).not.toThrow();
    expect(() => {
      requireRoomForRules(inbound(61));
    }).toThrow(
      'a security group would have more rules than the account allows: 61 ingress rules of the broker',
    );
  });

  it('is what AWS has raised it to', () => {
    const raised = planOf('trial', awsEnvironments['secured'], {
      aws: { quotas: { rulesPerGroup: 61 } },
    });
    expect(() => {
      requireRoomForRules({ ...inbound(61), aws: raised.aws });
    }).not.toThrow();
  });
});

describe('names with a limit', () => {
  const name = (stack: string): string => shortNameOf({ plan: { stack } }, 'management', 32);

  it('have only signs and beginnings that every service takes, and stay apart', () => {
    const odd = ['shop_1', 'shop.1', 'internal-shop'].map(name);
    expect(odd[0]).toMatch(/^shop-1-[0-9a-f]{4}-management$/);
    expect(odd[2]).toMatch(/^in-shop-[0-9a-f]{4}-management$/);
    expect(new Set([...odd, name('shop-1')]).size).toBe(4);
  });

  it('are whole where they fit, else cut and still told apart', () => {
    expect(name('aws-quorum')).toBe('aws-quorum-management');
    const long = ['a-very-long-name-of-a-stack-1', 'a-very-long-name-of-a-stack-2'].map(name);
    expect(new Set(long).size).toBe(2);
    for (const each of long) expect(each).toMatch(/^a-very-l?.*-[0-9a-f]{4}-management$/);
    // Pulumi appends a dash and seven digits.
    for (const each of long) expect(each.length).toBeLessThanOrEqual(32 - 8);
  });
});
