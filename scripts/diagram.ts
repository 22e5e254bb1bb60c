import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

import { diagramSvg } from '../infra/diagram/svg.ts';
import { UserError } from '../infra/errors.ts';
import { planEnvironment } from '../infra/plan/environment.ts';
import { runCommand } from './lib/cli.ts';
import { loadStack } from './lib/stack.ts';

await runCommand({
  name: 'diagram',
  summary: 'Draws an environment from its plan: hosts, zones, the VIP and who may connect to what.',
  options: {
    out: {
      type: 'string',
      placeholder: 'FILE',
      description: 'file to write; else standard output',
    },
  },
  examples: [
    ['npm run diagram -- --out out/environment.svg', 'the default stack, as a file'],
    ['npm run --silent diagram -- --stack rig-warren > warren.svg', 'another one'],
  ],
  notes: [
    'One SVG that follows the light or dark scheme of its viewer. It is drawn from the same flows ' +
      'that the firewalls of the hosts are made of. Needs no root and no running environment. FILE ' +
      'is replaced only if it is an SVG.',
  ],
  main: async ({ stack, options, io }) => {
    const svg = diagramSvg(planEnvironment(await loadStack(stack)));
    const { out } = options;
    if (out === undefined) {
      io.out(svg);
      return 0;
    }
    await write(out, svg);
    io.out(`${out}: ${(Buffer.byteLength(svg) / 1024).toFixed(1)} KiB\n`);
    return 0;
  },
});

/** @throws UserError when the file is there and holds something else than a picture of this kind */
async function write(path: string, svg: string): Promise<void> {
  try {
    const before = await readFile(path, 'utf8').catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    });
    if (before !== undefined && before.trim() !== '' && !before.startsWith('<svg ')) {
      throw new UserError({
        what: '--out is a file that holds no SVG, and would be lost',
        value: path,
        allowed: 'a file that is missing, empty or an earlier diagram',
        fix: 'choose another --out, or remove the file',
      });
    }
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, svg);
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    const allowed = 'a file that you may write';
    throw new UserError({ what: '--out cannot be written', value: path, allowed, cause });
  }
}
