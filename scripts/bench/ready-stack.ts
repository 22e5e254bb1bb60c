import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { repositoryRoot } from '../../infra/paths.ts';
import { environmentKey } from '../lib/pulumi-workspace.ts';

/** The environment of one of the stacks that the repository has. @throws when its file has none */
export async function readEnvironment(name: string): Promise<object> {
  const file = join(repositoryRoot, 'stacks', `Pulumi.${name}.yaml`);
  const { config } = parse(await readFile(file, 'utf8')) as { config: Record<string, object> };
  const environment = config[environmentKey];
  if (environment === undefined) throw new Error(`${file} has no ${environmentKey}`);
  return environment;
}
