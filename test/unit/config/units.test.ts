import { describe, expect, it } from 'vitest';
import { showDuration, showSize } from '../../../infra/config/rules/rule.ts';
import { duration, size } from '../../../infra/config/units.ts';

describe('size', () => {
  const schema = size({ min: '512MiB', max: '16GiB' });
  it.each([
    ['512MiB', 512],
    ['1.5GiB', 1536],
    ['16GiB', 16_384],
  ])('%s is %i MiB', (given, mebibytes) => {
    expect(schema.parse(given)).toBe(mebibytes);
  });
  it.each(['511MiB', '17GiB', '1GB', '1 GiB', 'GiB', '-1GiB', '0.7MiB', 1024, null])(
    'refuses %j',
    (given) => {
      expect(schema.safeParse(given).success).toBe(false);
    },
  );
});

describe('duration', () => {
  const schema = duration({ min: '100ms', max: '1h' });
  it.each([
    ['100ms', 100],
    ['0.5s', 500],
    ['2m', 120_000],
    ['1h', 3_600_000],
  ])('%s is %i ms', (given, milliseconds) => {
    expect(schema.parse(given)).toBe(milliseconds);
  });
  it.each(['99ms', '61m', '1d', '5', 5, '0.25ms'])('refuses %j', (given) => {
    expect(schema.safeParse(given).success).toBe(false);
  });
  it('counts in steps where asked', () => {
    const whole = duration({ min: '1s', max: '1m', step: '1s' });
    expect(whole.parse('2000ms')).toBe(2000);
    expect(whole.safeParse('1500ms').success).toBe(false);
  });
});

describe('notation', () => {
  it.each([
    [0, '0ms'],
    [250, '250ms'],
    [1500, '1500ms'],
    [90_000, '90s'],
    [3_600_000, '1h'],
  ])('%i ms reads %s', (milliseconds, text) => {
    expect(showDuration(milliseconds)).toBe(text);
  });
  it.each([
    [614, '614MiB'],
    [2048, '2GiB'],
  ])('%i MiB reads %s', (mebibytes, text) => {
    expect(showSize(mebibytes)).toBe(text);
  });
});
