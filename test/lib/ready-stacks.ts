import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { repositoryRoot } from '../../infra/paths.ts';

/** A stack file of the checkout. */
export interface ReadyStack {
  readonly stack: string;
  readonly text: string;
  /** The whole file, parsed. */
  readonly content: { readonly config: Readonly<Record<string, unknown>> };
  /** The environment in it, as written. */
  readonly environment: unknown;
}

const folder = join(repositoryRoot, 'stacks');

/** Every stack that comes with the kit, by name. */
export const readyStacks: readonly ReadyStack[] = readdirSync(folder)
  .flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? [])
  .sort()
  .map((stack) => {
    const text = readFileSync(join(folder, `Pulumi.${stack}.yaml`), 'utf8');
    const content = parse(text) as ReadyStack['content'];
    return { stack, text, content, environment: content.config['rabbitmq-ha-kit:environment'] };
  });
