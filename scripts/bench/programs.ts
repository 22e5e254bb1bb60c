import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { repositoryRoot, stateDir } from '../../infra/paths.ts';
import { pulumiEnvironment } from '../lib/pulumi.ts';
import { workspaceDir } from '../lib/pulumi-workspace.ts';
import { runToEnd } from './command.ts';

/** A Pulumi project with one stack, run by the kit's CLI in the kit's environment. */
export interface Project {
  run(...argv: string[]): Promise<string>;
}

export interface ProjectOptions {
  readonly stack: string;
  readonly toolDir: string;
  readonly signal: AbortSignal;
}

const deadlineMs = 120_000;

/** The kit's own program, without the kit's commands around it. */
export const kitProject = (options: ProjectOptions): Project => projectIn(workspaceDir, options);

/**
 * A program of zero bytes with the kit's runtime options and the kit's node_modules: what Pulumi
 * itself costs, and nothing else.
 */
export async function emptyProject(folder: string, options: ProjectOptions): Promise<Project> {
  await mkdir(folder, { recursive: true });
  // Pulumi does not make the folder of a file backend.
  await mkdir(join(stateDir, 'backend'), { recursive: true, mode: 0o700 });
  const runtime = { name: 'nodejs', options: { typescript: false } };
  const project = { name: 'empty', main: 'index.ts', runtime };
  await writeFile(join(folder, 'Pulumi.yaml'), stringify(project));
  await writeFile(join(folder, 'package.json'), '{"type":"module"}\n');
  await writeFile(join(folder, 'index.ts'), '');
  await symlink(join(repositoryRoot, 'node_modules'), join(folder, 'node_modules'));
  const empty = projectIn(folder, options);
  await empty.run('stack', 'init', options.stack);
  return empty;
}

/** A project that is in a folder; `more` is added to the environment of its runs. */
export function projectIn(
  cwd: string,
  { stack, toolDir, signal }: ProjectOptions,
  more: NodeJS.ProcessEnv = {},
): Project {
  const env = { ...pulumiEnvironment(stack, toolDir), ...more };
  return {
    run: (...argv) =>
      runToEnd([join(toolDir, 'pulumi'), ...argv, '--non-interactive'], {
        ...{ cwd, env, deadlineMs, signal },
      }),
  };
}
