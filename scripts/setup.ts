import { rm } from 'node:fs/promises';

import { UserError } from '../infra/errors.ts';
import { cacheDir } from '../infra/paths.ts';
import { planEnvironment } from '../infra/plan/environment.ts';
import { rigHostsExist } from '../infra/rig-provider/images/index.ts';
import { runCommand } from './lib/cli.ts';
import { createProgress } from './lib/progress.ts';
import { imagesToBoot, setup } from './lib/setup.ts';
import { readStatus, statusText } from './lib/setup-status.ts';
import { loadStack } from './lib/stack.ts';

export { imagesToBoot, setup } from './lib/setup.ts';

// Other commands import `setup` from here.
if (import.meta.main) {
  await runCommand({
    name: 'setup',
    summary:
      'Brings this machine to where `npm run up` can start: Debian packages, Pulumi CLI, base images.',
    json: true,
    options: {
      status: { type: 'boolean', description: 'only show each piece, its state and its size' },
      'all-images': {
        type: 'boolean',
        description:
          'the base image of every Debian release for containers, not only of those that the stack boots',
      },
      'empty-cache': {
        type: 'boolean',
        description: 'remove everything that set-up can make again',
      },
    },
    examples: [
      ['npm run setup', 'make what is missing; quick when nothing is'],
      ['npm run setup -- --status', 'look, change nothing'],
      ['npm run setup -- --empty-cache', 'give the disk back after `npm run down`'],
    ],
    notes: [
      `The cache is ${cacheDir}; RABBITMQ_HA_KIT_CACHE moves it.`,
      '`npm run up` and `npm test` do all of this by themselves.',
    ],
    main: async ({ stack, options, json, io }) => {
      const changes = !options['empty-cache'] && !options.status;
      if (options['empty-cache']) await emptyCache();
      if (changes) {
        const images =
          options['all-images'] || imagesToBoot(planEnvironment(await loadStack(stack)));
        await setup({ images, check: 'full', progress: createProgress() });
      }
      const status = await readStatus(changes ? 'quick' : 'full');
      io.out(json ? `${JSON.stringify(status, null, 2)}\n` : statusText(status));
      return undefined;
    },
  });
}

async function emptyCache(): Promise<void> {
  if (rigHostsExist()) {
    throw new UserError({
      what: 'the cache is in use: hosts of a stack run on its base image',
      value: cacheDir,
      fix: 'take every stack down first: npm run down -- --stack NAME',
    });
  }
  await rm(cacheDir, { recursive: true, force: true });
}
