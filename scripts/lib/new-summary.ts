import { relative } from 'node:path';
import type { EnvironmentPlan } from '../../infra/plan/model.ts';

/** What was written, what it will be, and what to do next. */
export function newStackText(file: string, { stack, hosts }: EnvironmentPlan): string {
  const memory = hosts.reduce((sum, host) => sum + host.memoryMiB, 0) / 1024;
  const names = hosts.map(({ name, zone }) => `${name} (${zone})`).join(', ');
  const next = [
    [`npm run up -- --stack ${stack}`, 'bring it up'],
    [`npm run diagram -- --stack ${stack} --out out/${stack}.svg`, 'see it before'],
    [`npm run render -- --stack ${stack} --out out/${stack}`, 'read every file of every host'],
  ] as const;
  return [
    '',
    `wrote ${relative(process.cwd(), file)}`,
    `  ${hosts.length} hosts: ${names}`,
    `  ${memory.toFixed(1)} GiB of planned memory; every other setting is a default, see docs/config.md`,
    '',
    'Next',
    ...next.map(([command, meaning]) => `  ${command}\n      ${meaning}`),
    '',
  ].join('\n');
}
