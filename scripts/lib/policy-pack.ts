import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

const option = '--policy-pack';

/**
 * Arguments for Pulumi, which runs in a folder of the kit's own: paths of policy packs are made full. A
 * pack that can start by itself is given as that program, because not every Node language host can
 * start a folder.
 * @param from folder that relative paths begin at
 */
export const withFullPackPaths = (argv: readonly string[], from: string): string[] =>
  argv.map((argument, index) => {
    if (argument.startsWith(`${option}=`)) {
      return `${option}=${packAt(resolve(from, argument.slice(option.length + 1)))}`;
    }
    return argv[index - 1] === option ? packAt(resolve(from, argument)) : argument;
  });

function packAt(path: string): string {
  if (!existsSync(path) || !statSync(path).isDirectory()) return path;
  const program = readdirSync(path).find((name) => name.startsWith('pulumi-analyzer-'));
  return program === undefined ? path : join(path, program);
}
