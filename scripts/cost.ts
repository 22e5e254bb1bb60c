import { type Assumptions, estimate } from '../infra/aws/cost/estimate.ts';
import { pricesFor, pricesOf } from '../infra/aws/cost/prices.ts';
import { hopsOf, leavesAws } from '../infra/aws/cost/traffic.ts';
import { dryRun } from '../infra/aws/dry-run.ts';
import { planEnvironment } from '../infra/plan/environment.ts';
import { renderEnvironment } from '../infra/render/environment.ts';
import { runCommand, UsageError, UserError } from './lib/cli.ts';
import { costText } from './lib/cost-text.ts';
import { loadStack } from './lib/stack.ts';

await runCommand({
  name: 'cost',
  summary: 'Estimates what a stack of the target aws costs a month, resource by resource.',
  json: true,
  options: {
    rate: {
      type: 'number',
      placeholder: 'MESSAGES',
      min: 0,
      max: 10_000_000,
      description: 'messages a second, published and consumed once each; with --size',
    },
    size: {
      type: 'number',
      placeholder: 'BYTES',
      min: 1,
      max: 134_217_728,
      description: 'payload of a message',
    },
    'nat-gb': {
      type: 'number',
      placeholder: 'GB',
      min: 0,
      max: 1_000_000,
      description: 'what hosts move through NAT gateways in a month: packages and updates',
    },
    region: {
      type: 'string',
      description:
        'what it would cost in another region; the one of the stack, if its prices are known',
    },
    price: {
      type: 'string',
      multiple: true,
      placeholder: 'TYPE=DOLLARS',
      description: 'dollars an hour of an instance type, e.g. of a savings plan',
    },
  },
  examples: [
    ['npm run cost -- --stack aws-quorum', 'what is there, used or not'],
    ['npm run cost -- --stack aws-quorum --rate 1000 --size 2000', 'with 1,000 messages/s of 2 kB'],
    [
      'npm run --silent cost -- --stack aws-warren --json',
      'every line, with where its price is from',
    ],
  ],
  notes: [
    'It prices the very resources that `up` would register, and needs neither an account nor root. ' +
      'Prices are those of infra/aws/cost/prices, on the day that they name: an estimate, no offer.',
    'Not in it: traffic to other networks, requests to KMS (3 cents per 10,000), snapshots, support, taxes.',
  ],
  main: async ({ stack, options, json, io }) => {
    const assumed: Assumptions = {
      traffic: trafficOf(options.rate, options.size),
      natGb: options['nat-gb'],
      instancePrices: Object.fromEntries(options.price.map(parsePrice)),
    };
    const config = await loadStack(stack);
    const plan = planEnvironment(config);
    if (plan.aws === undefined) {
      throw new UserError({
        what: 'this stack is no stack of the target aws: its hosts run on this machine and cost nothing',
        value: stack,
        fix: 'npm run cost -- --stack aws-quorum',
      });
    }
    const { region } = plan.aws;
    const table = options.region === undefined ? pricesFor(region) : pricesOf(options.region);
    const resources = await dryRun(plan, renderEnvironment(plan));
    const bill = {
      stack,
      region,
      resources,
      hops: hopsOf(config, plan),
      toInternet: leavesAws(plan),
    };
    const result = estimate(bill, table, assumed);
    io.out(json ? `${JSON.stringify(result, null, 2)}\n` : costText(result));
    return 0;
  },
});

/** @throws UsageError when only one of both was given */
function trafficOf(rate: number | undefined, size: number | undefined): Assumptions['traffic'] {
  if (rate === undefined && size === undefined) return undefined;
  if (rate !== undefined && size !== undefined) return { rate, size };
  throw new UsageError({
    what: '--rate and --size go together',
    value: rate === undefined ? `--size ${String(size)}` : `--rate ${rate}`,
    fix: 'give both, e.g. --rate 1000 --size 2000',
  });
}

function parsePrice(text: string): [type: string, usd: number] {
  const [, type = '', amount = ''] = /^([a-z0-9.-]+)=(\d+(?:\.\d+)?)$/.exec(text) ?? [];
  if (type !== '') return [type, Number(amount)];
  throw new UsageError({
    what: '--price states no price',
    value: text,
    allowed: 'an instance type and its dollars an hour',
    fix: '--price m7g.large=0.0514',
  });
}
