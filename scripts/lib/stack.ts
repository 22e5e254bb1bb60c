import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseDocument } from 'yaml';

import { passwordsAmong } from '../../infra/config/definitions/passwords.ts';
import { loadEnvironment } from '../../infra/config/load.ts';
import { plainSecrets, plainSecretsError } from '../../infra/config/secret-keys.ts';
import type { EnvironmentConfig } from '../../infra/config/schema.ts';
import { UserError } from '../../infra/errors.ts';
import { suggest } from '../../infra/suggest.ts';
import { environmentKey, readOverride, readSecretKeys, stacksDir } from './pulumi-workspace.ts';

const stackFile = /^Pulumi\.(.+)\.yaml$/;

/** Names of the stacks that have a file, sorted. */
export async function listStacks(): Promise<string[]> {
  const files = existsSync(stacksDir) ? await readdir(stacksDir) : [];
  return files.flatMap((file) => stackFile.exec(file)?.[1] ?? []).sort();
}

/** @throws UserError with the known stacks when there is no file of that name. */
export async function requireStack(stack: string): Promise<void> {
  const known = await listStacks();
  if (known.includes(stack)) return;
  const near = suggest(stack, known);
  throw new UserError({
    what: 'unknown stack',
    value: stack,
    allowed: known.length === 0 ? `no stack has a file yet in ${stacksDir}` : known,
    fix:
      near === undefined
        ? `write stacks/Pulumi.${stack}.yaml; the ones that are there show how`
        : `did you mean --stack ${near}?`,
  });
}

/**
 * Whether hosts of the stack are on this machine. One whose config cannot be read may have some: to
 * take it down must stay possible.
 */
export async function runsHere(stack: string): Promise<boolean> {
  const config = await loadStack(stack).catch(() => undefined);
  return config?.target !== 'aws';
}

/**
 * The checked config of a stack, with this machine's override.
 * @param choice an override in place of the one that is kept; with `override: undefined` none counts
 * @throws UserError when the stack is unknown, its file is not YAML or its config has problems
 */
export async function loadStack(
  stack: string,
  choice?: { readonly override: Record<string, unknown> | undefined },
): Promise<EnvironmentConfig> {
  await requireStack(stack);
  const name = `Pulumi.${stack}.yaml`;
  const document = parseDocument(await readFile(join(stacksDir, name), 'utf8'));
  const [problem] = document.errors;
  if (problem !== undefined) {
    const fix = 'mend the line that it names';
    throw new UserError({ what: 'a stack file is not YAML', value: name, fix, cause: problem });
  }
  const content = document.toJS() as { config?: Record<string, unknown> | null } | null;
  const plain = plainSecrets(content?.config ?? {});
  if (plain.length > 0) throw plainSecretsError(plain);
  const override = choice === undefined ? await readOverride(stack) : choice.override;
  const settings = content?.config ?? {};
  // Secrets are kept apart from the stack file: they are this machine's own.
  const secrets = await readSecretKeys(stack);
  const passwords = passwordsAmong(
    [...new Set([...Object.keys(settings), ...secrets])],
    (key) => secrets.includes(key) || isSecret(settings[key]),
  );
  return loadEnvironment(settings[environmentKey], override, stack, passwords);
}

/** As Pulumi writes an encrypted value. */
const isSecret = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'secure' in value;
