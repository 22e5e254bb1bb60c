import { expect, test } from 'vitest';
import { hopsOf, leavesAws } from '../../../infra/aws/cost/traffic.ts';
import type { EnvironmentConfig } from '../../../infra/config/schema.ts';
import { planEnvironment } from '../../../infra/plan/environment.ts';
import { awsConfig, pricedConfigs } from '../../lib/aws/priced-environments.ts';

const crossings = (config: EnvironmentConfig): Record<string, number> =>
  Object.fromEntries(
    hopsOf(config, planEnvironment(config)).map((hop) => [
      hop.what,
      Math.round(hop.crossings * 1000) / 1000,
    ]),
  );

test('three brokers in three zones: two of three ways lead into another zone, both followers are there', () => {
  const expected = {
    'between clients and the front end': 1.333, // there and back, 2/3 each
    'between the front end and brokers': 1.333,
    'from a publisher’s broker to the leader': 0.667,
    'from the leader to its followers': 2,
  };
  expect(crossings(pricedConfigs.nlb)).toEqual(expected);
  expect(crossings(pricedConfigs.haproxy)).toEqual(expected);
  expect(crossings(pricedConfigs.direct)).toEqual({
    'between clients and brokers': 1.333,
    'from a publisher’s broker to the leader': 0.667,
    'from the leader to its followers': 2,
  });
});

test('five brokers in three zones hold three members of a queue', () => {
  // Zones a a b b c: of 25 pairs 9 are equal (4 + 4 + 1), of the 20 of different brokers 4.
  expect(crossings(awsConfig({ frontEnd: 'direct', quorumCluster: { brokers: 5 } }))).toEqual({
    'between clients and brokers': 1.333,
    'from a publisher’s broker to the leader': 0.64, // 16/25
    'from the leader to its followers': 1.6, // two of them, 16/20 each
    'to consumers on brokers without a member': 0.32, // 2/5 of 16/20
  });
});

test('a mirrored queue is sent to its copies by the channel and once more around their ring', () => {
  expect(crossings(pricedConfigs.mirrored)).toMatchObject({
    'from a publisher’s broker to every copy': 1.333, // two copies, 2/3 each
    'around the ring of copies': 2, // from one to the other and back
    'from the master to a consumer’s broker': 0.667,
  });
});

test('a warren copies nothing, and its balancer stands beside the active broker', () => {
  // Half of the clients are in the other zone, there and back.
  expect(crossings(pricedConfigs.warren)).toEqual({ 'between clients and the front end': 1 });
});

test('clients of a public address are in no zone', () => {
  expect(crossings(pricedConfigs.elastic)).toEqual({});
  expect(leavesAws(planEnvironment(pricedConfigs.elastic))).toBe(true);
  expect(leavesAws(planEnvironment(pricedConfigs.warren))).toBe(false);
});
