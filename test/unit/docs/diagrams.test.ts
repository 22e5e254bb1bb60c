import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadEnvironment } from '../../../infra/config/load.ts';
import { diagramSvg } from '../../../infra/diagram/svg.ts';
import { repositoryRoot } from '../../../infra/paths.ts';
import { planEnvironment } from '../../../infra/plan/environment.ts';
import { readyStacks } from '../../lib/ready-stacks.ts';

const folder = join(repositoryRoot, 'docs', 'images');
const pictures = readdirSync(folder).filter((name) => name.endsWith('.svg'));

it('there is a picture of the default stack', () => {
  expect(pictures).toContain('rig-quorum.svg');
});

it.each(pictures)('docs/images/%s is what `npm run diagram` draws of its stack', (picture) => {
  const name = picture.replace(/\.svg$/, '');
  const ready = readyStacks.find(({ stack }) => stack === name);
  if (ready === undefined) throw new Error(`no stack file for ${picture}`);
  const svg = diagramSvg(planEnvironment(loadEnvironment(ready.environment, undefined, name)));
  const file = join(folder, picture);
  if (process.env['UPDATE_GOLDENS'] === '1') writeFileSync(file, svg);
  expect(readFileSync(file, 'utf8')).toBe(svg);
});
