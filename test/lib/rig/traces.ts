import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { disksDir, registryDir, runDir, stateDir } from '../../../infra/paths.ts';
import { must } from '../../../infra/rig-provider/exec.ts';
import type { RigStack } from './stack.ts';

/**
 * Everything that carries the stack's name on this machine, found without the kit's own knowledge
 * of what it made: one line each.
 */
export async function tracesOf(stack: RigStack, ports: readonly number[]): Promise<string[]> {
  const { name } = stack;
  const mine = (line: string): boolean => line.includes(name);
  const lines = async (argv: readonly string[]): Promise<string[]> =>
    (await must(argv)).split('\n').filter(Boolean);
  const listeners = await lines(['ss', '-Hltn', 'src', '127.0.0.1']);
  return [
    ...(await lines(['ip', 'netns', 'list'])).filter(mine).map((line) => `namespace ${line}`),
    ...(await lines(['losetup', '--list', '--noheadings', '--output', 'NAME,BACK-FILE']))
      .filter(mine)
      .map((line) => `loop device ${line}`),
    ...readFileSync('/proc/self/mounts', 'utf8')
      .split('\n')
      .filter(mine)
      .map((line) => `mount ${line}`),
    ...(await lines(['find', ...cgroupRoots(), '-maxdepth', '4', '-type', 'd', '-name', name])).map(
      (line) => `control group ${line}`,
    ),
    ...processes()
      .filter(({ text }) => mine(text))
      .map(({ pid, text }) => `process ${pid} ${text}`),
    ...listeners
      .filter((line) => ports.some((port) => line.includes(`127.0.0.1:${port} `)))
      .map((line) => `port ${line}`),
    ...[disksDir, runDir, stateDir, registryDir].flatMap((folder) =>
      filesBelow(folder)
        .filter(mine)
        .map((file) => `file ${file}`),
    ),
  ];
}

const cgroupRoots = (): string[] =>
  readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, , type]) => type === 'cgroup2')
    .map(([, path]) => path ?? '');

/** Command lines of all processes but this one's own family. */
export function processes(): { pid: number; text: string }[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((entry) => {
      try {
        const text = readFileSync(join('/proc', entry, 'cmdline'), 'utf8').replaceAll('\0', ' ');
        return [{ pid: Number(entry), text: text.trim() }];
      } catch {
        return [];
      }
    });
}

function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) =>
    join(folder, file),
  );
}
