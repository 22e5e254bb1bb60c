import { expect, it } from 'vitest';
import { guardFacts } from '../../../infra/components/live-service.ts';
import { type BrokerFacts, refusedChange } from '../../../infra/operations/service/change.ts';
import { plan } from '../../lib/plans.ts';

const facts = (zones: readonly string[], brokers = 3, more: object = {}) =>
  guardFacts(
    plan('quorum-cluster', {
      ...{ network: { zones }, quorumCluster: { brokers }, frontEnd: 'direct' },
      ...more,
    }),
  );
const refusal = (...change: Parameters<typeof refusedChange>) => refusedChange(...change)?.parts;
const abc = ['a', 'b', 'c'];
const abcd = [...abc, 'd'];

it.each([
  ['on the rig', {}],
  ['behind balancers', { frontEnd: 'haproxy-keepalived' }],
  ['with a monitor', { monitoring: { enabled: true } }],
  ['on aws', { target: 'aws', aws: { region: 'eu-central-1' } }],
  ['on aws behind nlb', { target: 'aws', aws: { region: 'eu-central-1' }, frontEnd: 'nlb' }],
])('a zone may come behind the others, and brokers after that: %s', (_, more) => {
  expect(refusal(facts(abc, 3, more), facts(abcd, 3, more))).toBeUndefined();
  expect(refusal(facts(abcd, 3, more), facts(abcd, 5, more))).toBeUndefined();
});

it.each([
  ['goes', abcd, abc],
  ['changes its place', abc, ['b', 'a', 'c']],
  ['comes before the others', abc, ['d', ...abc]],
  ['comes between them', abc, ['a', 'b', 'd', 'c']],
])('none %s', (_, from, to) => {
  expect(refusal(facts(from), facts(to))).toMatchObject({
    what: expect.stringContaining('network of an environment whose brokers exist') as unknown,
    value: facts(to).settled.network,
    allowed: facts(from).settled.network,
  });
});

it('none comes by which a broker would move, and it is named', () => {
  expect(refusal(facts(abc, 5), facts(abcd, 5))).toMatchObject({
    what: 'other zones would move hosts that exist: broker-4 (a 10.77.20.12 to d 10.77.68.11), broker-5 (b 10.77.36.12 to a 10.77.20.12)',
    value: facts(abcd).settled.network,
    allowed: facts(abc).settled.network,
    fix: expect.stringContaining('fewer brokers') as unknown,
  });
});

it('none comes together with brokers, which the others would not let in', () => {
  expect(refusal(facts(abc), facts(abcd, 5))).toMatchObject({
    what: expect.stringContaining('cannot come in one step') as unknown,
    value: expect.stringContaining('broker-4, broker-5 in front ') as unknown,
    allowed: 'one after the other',
    fix: 'run up with the zones, then with the other change',
  });
});

it('one goes again, where a zone may, unless a host is there', () => {
  const mayGo = (from: BrokerFacts, to: BrokerFacts) => refusedChange(from, to, true)?.parts.what;
  expect(mayGo(facts(abcd), facts(abc))).toBeUndefined();
  expect(mayGo(facts(abcd), facts([...abc, 'e']))).toContain('cannot change');
  expect(mayGo(facts(abcd, 5), facts(abc, 5))).toContain(
    'broker-4 (d 10.77.68.11 to a 10.77.20.12)',
  );
  expect(mayGo(facts(abcd, 5), facts(abc, 3))).toContain('cannot come in one step');
});

it('the number of NAT gateways stays where route tables lead to an overlay address', () => {
  const gateways = (nat: string, frontEnd: string) =>
    facts(abc, 3, {
      target: 'aws',
      aws: { region: 'eu-central-1', nat, goldenImage: true },
      frontEnd,
    });
  const from = (frontEnd: string) => gateways('one', frontEnd);
  expect(
    refusal(from('haproxy-keepalived'), gateways('none', 'haproxy-keepalived')),
  ).toBeUndefined();
  expect(refusal(from('nlb'), gateways('per-zone', 'nlb'))).toBeUndefined();
  expect(
    refusal(from('haproxy-keepalived'), gateways('per-zone', 'haproxy-keepalived')),
  ).toMatchObject({
    what: expect.stringContaining('aws.nat of an environment') as unknown,
    value: 'per-zone',
    allowed: 'none or one',
  });
});

it('none comes where nobody has kept what would move', () => {
  const { places, ...unknown } = facts(abc);
  expect(Object.keys(places)).toHaveLength(3);
  expect(refusal(unknown, facts(abcd))?.what).toContain('cannot change');
});
