import {
  type CostLine,
  type Estimate,
  hoursPerMonth,
  type UsageLine,
} from '../../infra/aws/cost/estimate.ts';

/** An estimate for people: equal things in one row, then what depends on use. */
export function costText(estimate: Estimate): string {
  const { stack, stackRegion, region, lines, usage, usdPerMonth, traffic } = estimate;
  const fixed = [...groupsOf(lines)].sort(([, one], [, other]) => monthOf(other) - monthOf(one));
  return [
    `${stack}: about ${dollars(usdPerMonth, 0)} a month ${region === stackRegion ? 'in' : 'at prices of'} ${region}`,
    `on demand, ${estimate.hoursPerMonth} hours, prices of ${estimate.pricesOf}, without taxes`,
    ...(region === stackRegion ? [] : [`it is in ${stackRegion}: no prices of there are known`]),
    '',
    ...table([
      ['EACH MONTH', 'NUMBER', 'EACH', 'MONTH'],
      ...fixed.map(([what, group]) => [
        what,
        numberOf(group),
        priceOf(group),
        dollars(monthOf(group)),
      ]),
      ...usage.filter(isKnown).map((line) => [line.what, '', '', dollars(line.usdPerMonth)]),
      ['total', '', '', dollars(usdPerMonth)],
    ]),
    '',
    ...usageText(usage),
    ...crossingText(estimate),
    ...(traffic === undefined
      ? ['', 'With --rate MESSAGES --size BYTES these become figures.']
      : ['', `At ${traffic.rate} messages/s of ${traffic.size} bytes, each consumed once.`]),
    '',
  ].join('\n');
}

const isKnown = (line: UsageLine): line is UsageLine & { usdPerMonth: number } =>
  line.usdPerMonth !== undefined;

type Group = readonly CostLine[];

/** Equal things at equal prices. */
function groupsOf(lines: readonly CostLine[]): Map<string, Group> {
  return Map.groupBy(lines, ({ what }) => what);
}

const monthOf = (group: Group): number =>
  group.reduce((total, { usdPerMonth }) => total + usdPerMonth, 0);

/** Pieces; of volumes also what they hold together. */
function numberOf(group: Group): string {
  const [first] = group;
  const quantity = group.reduce((total, line) => total + line.quantity, 0);
  if (first?.unit === 'GB-months') return `${group.length}, ${quantity} GB`;
  return String(first?.unit === 'hours' ? quantity / hoursPerMonth : quantity);
}

function priceOf([first]: Group): string {
  if (first === undefined) return '';
  const units = { hours: 'hour', 'GB-months': 'GB', months: 'month' } as const;
  return `$${Number(first.usd.toFixed(5))}/${units[first.unit]}`;
}

function usageText(usage: readonly UsageLine[]): string[] {
  return table([['BY USE', 'FORMULA'], ...usage.map(({ what, formula }) => [what, formula])]);
}

function crossingText({ crossings }: Estimate): string[] {
  if (crossings.length === 0) return [];
  return [
    '',
    ...table([
      ['A PAYLOAD CROSSES ZONES', 'TIMES'],
      ...crossings.map(({ what, crossings: times }) => [what, times.toFixed(2)]),
    ]),
  ];
}

const dollars = (usd: number, digits = 2): string => `$${usd.toFixed(digits)}`;

/** Columns of equal width; the last one, of amounts, to the right where every row has several. */
function table(rows: readonly (readonly string[])[]): string[] {
  const columns = Math.max(...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const amounts = columns > 2;
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return amounts && column === columns - 1 ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd(),
  );
}
