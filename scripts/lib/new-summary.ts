import { relative } from 'node:path';
import { pricedRegions } from '../../infra/aws/cost/prices.ts';
import type { EnvironmentPlan } from '../../infra/plan/model.ts';
import type { Choice } from './new-stack.ts';

type Step = readonly [command: string, meaning: string];

/** What was written, what it will be, and what to do next. */
export function newStackText(file: string, plan: EnvironmentPlan, choice: Choice): string {
  const { hosts } = plan;
  const memory = hosts.reduce((sum, host) => sum + host.memoryMiB, 0) / 1024;
  const names = hosts.map(({ name, zone }) => `${name} (${zone})`).join(', ');
  const place = plan.aws === undefined ? '' : ` in ${plan.aws.region}`;
  const steps = choice.aws === undefined ? stepsOnRig(plan) : stepsOnAws(plan, choice.aws);
  return [
    '',
    `wrote ${relative(process.cwd(), file)}`,
    `  ${hosts.length} hosts${place}: ${names}`,
    ...(choice.aws?.instanceType === undefined
      ? []
      : [`  brokers are ${choice.aws.instanceType}, of which ${choice.memory} are planned for`]),
    `  ${memory.toFixed(1)} GiB of planned memory; every other setting is a default, see docs/config.md`,
    '',
    'Next',
    ...steps.map(([command, meaning]) => `  ${command}\n      ${meaning}`),
    '',
  ].join('\n');
}

const stepsOnRig = ({ stack }: EnvironmentPlan): readonly Step[] => [
  [`npm run up -- --stack ${stack}`, 'bring it up'],
  [`npm run diagram -- --stack ${stack} --out out/${stack}.svg`, 'see it before'],
  [`npm run render -- --stack ${stack} --out out/${stack}`, 'read every file of every host'],
];

/** In this order: each needs the one before. */
function stepsOnAws(
  { stack, aws }: EnvironmentPlan,
  { packages, testRig }: NonNullable<Choice['aws']>,
): readonly Step[] {
  const known = pricedRegions();
  const elsewhere = known.includes(aws?.region ?? '') ? '' : ` --region ${known[0] ?? ''}`;
  return [
    [
      'aws sts get-caller-identity',
      'credentials: AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
    ],
    packages === 'golden-image'
      ? [
          `npm run images -- --stack ${stack} --golden`,
          'what your image must hold; its id goes into the stack file, aws.images',
        ]
      : [`npm run images -- --stack ${stack}`, "pin Debian's newest image"],
    [
      `npm run cost -- --stack ${stack}${elsewhere}`,
      elsewhere === '' ? 'what a month costs' : 'what a month costs, at the prices of that region',
    ],
    [
      `npm run pulumi -- --stack ${stack} preview --policy-pack policy`,
      'what would be made, and whether it is safe; changes nothing',
    ],
    [`npm run up -- --stack ${stack}`, 'bring it up'],
    [
      `npm run down -- --stack ${stack}`,
      testRig === true
        ? 'takes everything, disks and messages too'
        : 'stops at the protected disks and says the ways on',
    ],
  ];
}
