import { expect, test } from 'vitest';
import { instanceHour, pricedRegions, pricesOf } from '../../../infra/aws/cost/prices.ts';
import { errorText } from '../../../scripts/lib/cli-errors.ts';

const table = pricesOf('us-east-1');

const failure = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    return errorText(error);
  }
  throw new Error('it did not fail');
};

test.each(pricedRegions())('the table of %s is of that region and dated', (region) => {
  expect(pricesOf(region).region).toBe(region);
  expect(Date.parse(pricesOf(region).date)).not.toBeNaN();
});

test('a size costs as much more as it has more', () => {
  expect(instanceHour(table, 'm7g.large')).toBe(0.0816);
  expect(instanceHour(table, 't4g.small')).toBeCloseTo(0.0168, 6);
  expect(instanceHour(table, 'm7g.4xlarge')).toBeCloseTo(0.6528, 6);
  expect(instanceHour(table, 'c7g.medium')).toBeCloseTo(0.03625, 6);
});

test('a price of the user comes first', () => {
  expect(instanceHour(table, 'm7g.large', { 'm7g.large': 0.05 })).toBe(0.05);
  expect(instanceHour(table, 'u7i.large', { 'u7i.large': 9 })).toBe(9);
});

test('regions and types without a price are said with those that have one', () => {
  expect(failure(() => pricesOf('eu-central-1'))).toMatchInlineSnapshot(`
    "error: no prices are known for the region: eu-central-1
      allowed: us-east-1
      fix: --region us-east-1 says what the same environment costs there
    "
  `);
  expect(failure(() => instanceHour(table, 'm7q.large'))).toMatchInlineSnapshot(`
    "error: no price is known for an instance type in us-east-1: m7q.large
      allowed: families t3, t3a, t4g, m5, m5a, m6a, m6g, m6i, m7a, m7g, m7i, m8g, c5, c6g, c6i, c7g, c7i, c8g, r5, r6g, r6i, r7g, r7i, r8g in sizes nano, micro, small, medium, large, xlarge, 2xlarge, 4xlarge, 8xlarge, 12xlarge, 16xlarge, 24xlarge
      fix: state it: --price m7q.large=DOLLARS_AN_HOUR; or did you mean m7a.large?
    "
  `);
  expect(failure(() => instanceHour(table, 'm7g.huge'))).toContain(
    'fix: state it: --price m7g.huge=DOLLARS_AN_HOUR\n',
  );
});
