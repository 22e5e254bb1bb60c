import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { deepMerge } from '../../infra/config/merge.ts';
import { repositoryRoot } from '../../infra/paths.ts';
import { environmentKey } from '../lib/pulumi-workspace.ts';
import { type Project, projectIn, type ProjectOptions } from './programs.ts';

/** A stack of the target aws whose config is known. */
export interface AwsStack {
  readonly name: string;
  readonly environment: object;
}

/** Which image it is changes nothing of what is measured. */
const images = {
  aws: { images: { trixie: 'ami-0000000000000013', bookworm: 'ami-0000000000000012' } },
};

/**
 * The kit's own program with a stack of the target aws. The place of AWS's provider plugin is taken by
 * the one of the tests: it checks every input, and a preview asks it for nothing more.
 * @param main a program around the kit's own
 */
export async function awsProject(
  folder: string,
  { name, environment }: AwsStack,
  options: Omit<ProjectOptions, 'stack'>,
  main = 'infra/index.ts',
): Promise<Project> {
  await mkdir(folder, { recursive: true });
  const plugin = (plugged: string, path: string) => ({
    name: plugged,
    path: join(repositoryRoot, path),
  });
  const project = {
    name: 'rabbitmq-ha-kit',
    main: join(repositoryRoot, main),
    runtime: { name: 'nodejs', options: { typescript: false } },
    plugins: {
      providers: [plugin('rig', 'infra/rig-provider'), plugin('aws', 'test/aws/provider')],
    },
  };
  await writeFile(join(folder, 'Pulumi.yaml'), stringify(project));
  const config = { [environmentKey]: deepMerge(environment, images) };
  await writeFile(join(folder, `Pulumi.${name}.yaml`), stringify({ config }));
  const opened = projectIn(folder, { ...options, stack: name }, noAccount);
  await opened.run('stack', 'init', name);
  return opened;
}

/** A preview reaches nobody, yet the program wants to know that somebody could. */
const noAccount = {
  AWS_ACCESS_KEY_ID: 'bench',
  AWS_SECRET_ACCESS_KEY: 'bench',
  // An AWS CLI of this machine is refused at once, not by AWS; by itself it would try again for seconds.
  AWS_MAX_ATTEMPTS: '1',
  HTTPS_PROXY: 'http://127.0.0.1:9',
  NO_PROXY: '127.0.0.1,localhost',
};
