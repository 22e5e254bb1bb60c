import { planEnvironment } from '../infra/plan/environment.ts';
import type { Release } from '../infra/plan/model.ts';
import { UserError } from '../infra/errors.ts';
import { exec, type ExecResult } from '../infra/rig-provider/exec.ts';
import {
  type Image,
  type ImageNeed,
  imageNeeds,
  newestImage,
  pinnedImage,
} from './lib/aws-images.ts';
import { type CommandIo, runCommand } from './lib/cli.ts';
import { goldenText } from './lib/golden-image.ts';
import { pinImages } from './lib/pin-images.ts';
import { loadStack } from './lib/stack.ts';

await runCommand({
  name: 'images',
  summary: 'Looks up the images that a stack on EC2 boots, and pins them in its file.',
  json: true,
  options: {
    renew: {
      type: 'boolean',
      description: 'pin the newest ones in place of those that are pinned',
    },
    golden: { type: 'boolean', description: 'only say what images of your own must hold' },
  },
  examples: [
    ['npm run images -- --stack aws-quorum', 'pin the newest image of Debian, once'],
    ['npm run images -- --stack aws-quorum --renew', 'a newer one; the next up replaces hosts'],
    ['npm run images -- --stack aws-quorum --golden', 'for builders of images'],
  ],
  notes: [
    'It asks EC2 by the AWS CLI, with your credentials. What is pinned already is checked: that it ' +
      'is there, of the right release and for the processor of the instance types.',
  ],
  main: async ({ stack, options, json, io }) => {
    const config = await loadStack(stack);
    const plan = planEnvironment(config);
    const needs = imageNeeds(plan);
    if (options.golden) {
      io.out(json ? `${JSON.stringify({ stack, images: needs }, null, 2)}\n` : goldenText(needs));
      return 0;
    }
    const region = plan.aws?.region ?? '';
    const found: Partial<Record<Release, Image>> = {};
    const fresh: Partial<Record<Release, Image>> = {};
    for (const need of needs) {
      const keep = need.pinned !== undefined && !options.renew;
      if (!keep && config.aws.goldenImage) throw ownToPin(need);
      const image = await (keep ? pinnedImage : newestImage)(aws, region, need);
      found[need.release] = image;
      if (image.id !== need.pinned) fresh[need.release] = image;
    }
    if (Object.keys(fresh).length > 0) await pinImages(stack, fresh);
    if (json) io.out(`${JSON.stringify({ stack, region, images: found }, null, 2)}\n`);
    else report(io, needs, found);
    return 0;
  },
});

/** As the operator: with whatever credentials the CLI finds. */
async function aws(args: readonly string[]): Promise<ExecResult> {
  try {
    return await exec(['aws', ...args], { timeoutMs: 60_000 });
  } catch (cause) {
    throw new UserError({
      what: 'the AWS CLI cannot be run',
      allowed: 'the program aws, version 2, on PATH',
      fix: 'install it (Debian: apt install awscli), or pin ids by hand in aws.images',
      cause,
    });
  }
}

function ownToPin({ release }: ImageNeed): UserError {
  return new UserError({
    what: `aws.images.${release} is an image of your own, which nobody else can look up`,
    allowed: 'its id, as aws.goldenImage is true',
    fix: 'npm run images -- --golden says what it must hold; write its id into the stack file',
  });
}

function report(
  io: CommandIo,
  needs: readonly ImageNeed[],
  found: Readonly<Partial<Record<Release, Image>>>,
): void {
  for (const { release, pinned, hosts } of needs) {
    const image = found[release];
    if (image === undefined) continue;
    const what = pinned === undefined ? 'pinned' : pinned === image.id ? 'stays' : `was ${pinned}`;
    io.out(`${release}: ${image.id} ${image.name} (${what}), for ${hosts.join(', ')}\n`);
    if (pinned !== undefined && pinned !== image.id) {
      io.out('  the next up replaces these hosts, one after the other; volumes stay\n');
    }
  }
}
