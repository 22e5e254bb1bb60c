import { expect, test } from 'vitest';
import { estimate, type Assumptions, type Bill } from '../../../infra/aws/cost/estimate.ts';
import { pricesFor, pricesOf } from '../../../infra/aws/cost/prices.ts';
import { hopsOf, leavesAws } from '../../../infra/aws/cost/traffic.ts';
import { dryRun } from '../../../infra/aws/dry-run.ts';
import type { EnvironmentConfig } from '../../../infra/config/schema.ts';
import { planEnvironment } from '../../../infra/plan/environment.ts';
import { renderEnvironment } from '../../../infra/render/environment.ts';
import { costText } from '../../../scripts/lib/cost-text.ts';
import { pricedConfigs } from '../../lib/aws/priced-environments.ts';

const table = pricesOf('us-east-1');
const unused: Assumptions = { traffic: undefined, natGb: undefined, instancePrices: {} };

const billOf = async (config: EnvironmentConfig): Promise<Bill> => {
  const plan = planEnvironment(config);
  const resources = await dryRun(plan, renderEnvironment(plan));
  const region = 'us-east-1';
  return {
    stack: 'shop',
    region,
    resources,
    hops: hopsOf(config, plan),
    toInternet: leavesAws(plan),
  };
};

const host = (name: string, instanceType: string, volumeSize: number) => ({
  type: 'aws:ec2/instance:Instance',
  name,
  inputs: { instanceType, rootBlockDevice: { volumeType: 'gp3', volumeSize } },
});
const volume = (size: number) => ({
  type: 'aws:ebs/volume:Volume',
  name: 'data',
  inputs: { type: 'gp3', size },
});
const monthOf = (resources: Bill['resources']): number =>
  estimate(
    { stack: 'basis', region: 'us-east-1', resources, hops: [], toInternet: false },
    table,
    unused,
  ).usdPerMonth;

test('the cost basis of the field notes comes out', () => {
  const brokers = [1, 2, 3].flatMap((number) => [
    host(`broker-${number}`, 'm7g.large', 20),
    volume(100),
  ]);
  // 3 x 0.0816 x 730 + 3 x 120 x 0.08
  expect(monthOf(brokers)).toBeCloseTo(178.704 + 28.8, 3);
  expect(monthOf(brokers).toFixed(0)).toBe('208');
  const balancer = { loadBalancerType: 'network' };
  const nlb = { type: 'aws:lb/loadBalancer:LoadBalancer', name: 'front', inputs: balancer };
  expect(monthOf([...brokers, nlb]).toFixed(0)).toBe('224');
  const balancers = [host('balancer-1', 't4g.small', 8), host('balancer-2', 't4g.small', 8)];
  expect(monthOf([...brokers, ...balancers]).toFixed(0)).toBe('233');
});

test('a stack costs the sum of what is there', async () => {
  const { lines, usdPerMonth } = estimate(await billOf(pricedConfigs.nlb), table, unused);
  const byHand = {
    instances: 3 * 0.0816 * 730,
    dataVolumes: 3 * 100 * 0.08,
    rootVolumes: 3 * 8 * 0.08,
    endpoints: 4 * 3 * 0.01 * 730,
    nat: 0.045 * 730,
    addressOfNat: 0.005 * 730,
    loadBalancer: 0.0225 * 730,
    key: 1,
    zone: 0.5,
  };
  const sum = Object.values(byHand).reduce((total, each) => total + each);
  expect(usdPerMonth).toBeCloseTo(sum, 6);
  expect(lines.every(({ source }) => source.startsWith('https://aws.amazon.com/'))).toBe(true);
});

test('messages cost what they cross and what the load balancer passes on', async () => {
  const bill = await billOf(pricedConfigs.nlb);
  const traffic = { rate: 1000, size: 2000 };
  const { usage } = estimate(bill, table, { ...unused, traffic, natGb: 10 });
  // 2 MB a second are 5256 GB a month.
  const figures = Object.fromEntries(usage.map((line) => [line.what, line.usdPerMonth]));
  expect(figures['messages between zones']).toBeCloseTo(5256 * (16 / 3) * 0.02, 6);
  expect(figures['capacity units of the load balancer']).toBeCloseTo(2 * 5256 * 0.006, 6);
  expect(figures['data through NAT gateways']).toBeCloseTo(0.45, 6);
  expect(estimate(bill, table, unused).usage.map((line) => line.usdPerMonth)).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

test('what goes to the internet is charged as such', async () => {
  const traffic = { rate: 100, size: 1000 };
  const bill = await billOf(pricedConfigs.elastic);
  const { usage } = estimate(bill, table, { ...unused, traffic });
  expect(usage.map(({ what }) => what)).toEqual([
    'messages to the internet',
    'data through NAT gateways',
  ]);
  // 0.1 MB a second are 262.8 GB a month.
  expect(usage[0]?.usdPerMonth).toBeCloseTo(262.8 * 0.09, 6);
});

test('a price of the user is the one that counts', async () => {
  const bill = await billOf(pricedConfigs.direct);
  const cheaper = estimate(bill, table, { ...unused, instancePrices: { 'm7g.large': 0.05 } });
  const usual = estimate(bill, table, unused);
  expect(usual.usdPerMonth - cheaper.usdPerMonth).toBeCloseTo(3 * 0.0316 * 730, 6);
});

const shown = `shop: about $650 a month in us-east-1
on demand, 730 hours, prices of 2026-11-21, without taxes

EACH MONTH                   NUMBER     EACH            MONTH
m7g.large                    3          $0.0816/hour  $178.70
interface endpoint, by zone  12         $0.01/hour     $87.60
t4g.small                    3          $0.0168/hour   $36.79
NAT gateway                  1          $0.045/hour    $32.85
data volume, gp3             4, 304 GB  $0.08/GB       $24.32
root volume, gp3             6, 48 GB   $0.08/GB        $3.84
public IPv4 address          1          $0.005/hour     $3.65
KMS key                      1          $1/month        $1.00
private hosted zone          1          $0.5/month      $0.50
messages between zones                                $280.32
total                                                 $649.58

BY USE                     FORMULA
messages between zones     5.33 x GB of payload x $0.02
data through NAT gateways  GB x $0.045

A PAYLOAD CROSSES ZONES                  TIMES
between clients and the front end        1.33
between the front end and brokers        1.33
from a publisher’s broker to the leader  0.67
from the leader to its followers         2.00

At 1000 messages/s of 1000 bytes, each consumed once.
`;

test('people see equal things in one row, and what use adds', async () => {
  const traffic = { rate: 1000, size: 1000 };
  const bill = await billOf(pricedConfigs.haproxy);
  expect(costText(estimate(bill, table, { ...unused, traffic }))).toBe(shown);
  expect(costText(estimate(bill, table, unused))).toContain(
    'With --rate MESSAGES --size BYTES these become figures.',
  );
});

test('prices of another region are named as such', async () => {
  const bill = { ...(await billOf(pricedConfigs.nlb)), region: 'eu-central-1' };
  const prices = pricesFor(bill.region);
  const result = estimate(bill, prices, unused);
  expect([result.stackRegion, result.region]).toEqual(['eu-central-1', 'us-east-1']);
  const said = 'it is in eu-central-1: no prices of there are known';
  expect(costText(result).split('\n').slice(0, 3)).toEqual([
    'shop: about $347 a month at prices of us-east-1',
    'on demand, 730 hours, prices of 2026-11-21, without taxes',
    said,
  ]);
  expect(costText(estimate(await billOf(pricedConfigs.nlb), prices, unused))).not.toContain(said);
});
