import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Document, parse, parseDocument, stringify } from 'yaml';
import { repositoryRoot, stateDir } from '../../infra/paths.ts';

/**
 * Pulumi runs in a working project outside the checkout: it writes the encryption salt of a stack
 * into the stack's config file, and the files in `stacks/` are to stay clean in git. The working
 * project points at the checkout's program and plugin; its stack configs are the committed files
 * plus what is this machine's own: the salt and the stack's `override`.
 */
export const workspaceDir = join(stateDir, 'project');

/** Folder of the committed stack files; tests point it at stacks of their own. */
export const stacksDir = process.env['RABBITMQ_HA_KIT_STACKS'] ?? join(repositoryRoot, 'stacks');

export const environmentKey = 'rabbitmq-ha-kit:environment';
export const overrideKey = 'rabbitmq-ha-kit:override';

/** Top-level keys that Pulumi itself keeps in a stack's config file. */
const machineKeys = ['encryptionsalt', 'encryptedkey', 'secretsprovider'];

const stackFileName = (stack: string): string => `Pulumi.${stack}.yaml`;
const committedFile = (stack: string): string => join(stacksDir, stackFileName(stack));
export const workingFile = (stack: string): string =>
  join(workspaceDir, 'stacks', stackFileName(stack));

interface ProjectFile {
  main: string;
  plugins?: { providers?: { name: string; path: string }[] };
  [key: string]: unknown;
}

/** Writes the working project and brings the stack's committed config into it. */
export async function enterWorkspace(stack: string): Promise<void> {
  await mkdir(join(workspaceDir, 'stacks'), { recursive: true, mode: 0o700 });
  // Pulumi does not make the folder of a file backend.
  await mkdir(join(stateDir, 'backend'), { recursive: true, mode: 0o700 });
  const source = await readFile(join(repositoryRoot, 'Pulumi.yaml'), 'utf8');
  const project = parse(source) as ProjectFile;
  project.main = join(repositoryRoot, project.main);
  for (const provider of project.plugins?.providers ?? []) {
    provider.path = join(repositoryRoot, provider.path);
  }
  project['stackConfigDir'] = 'stacks';
  await replaceFile(join(workspaceDir, 'Pulumi.yaml'), stringify(project));

  if (!existsSync(committedFile(stack))) return;
  const working = await readDocument(committedFile(stack));
  if (existsSync(workingFile(stack))) {
    const before = await readDocument(workingFile(stack));
    for (const key of machineKeys) if (before.has(key)) working.set(key, before.get(key));
    const override = before.getIn(['config', overrideKey]);
    if (override !== undefined) working.setIn(['config', overrideKey], override);
  }
  await replaceFile(workingFile(stack), working.toString());
}

/**
 * Carries what the user changed with `pulumi config` back into the committed stack file, without
 * the salt and the override; a file that says the same is not touched.
 */
export async function leaveWorkspace(stack: string): Promise<void> {
  if (!existsSync(workingFile(stack)) || !existsSync(committedFile(stack))) return;
  const working = await readDocument(workingFile(stack));
  for (const key of machineKeys) working.delete(key);
  working.deleteIn(['config', overrideKey]);
  const committed = await readDocument(committedFile(stack));
  if (JSON.stringify(working.toJS()) === JSON.stringify(committed.toJS())) return;
  await replaceFile(committedFile(stack), working.toString(), 0o644);
}

/** The stack's override on this machine, as `up -- --topology` keeps it; undefined without one. */
export async function readOverride(stack: string): Promise<Record<string, unknown> | undefined> {
  if (!existsSync(workingFile(stack))) return undefined;
  const document = (await readDocument(workingFile(stack))).toJS() as {
    config?: Record<string, Record<string, unknown>>;
  };
  return document.config?.[overrideKey];
}

/** Sets or, with undefined, removes the stack's override. */
export async function writeOverride(
  stack: string,
  override: Record<string, unknown> | undefined,
): Promise<void> {
  const document = await readDocument(workingFile(stack));
  if (override === undefined) document.deleteIn(['config', overrideKey]);
  else document.setIn(['config', overrideKey], document.createNode(override));
  await replaceFile(workingFile(stack), document.toString());
}

async function readDocument(path: string): Promise<Document> {
  const document = parseDocument(await readFile(path, 'utf8'));
  const [problem] = document.errors;
  if (problem !== undefined) {
    throw new Error(`${path} is not valid YAML: ${problem.message}`, { cause: problem });
  }
  return document;
}

/** Atomic, so that an interrupt never leaves half a config behind. */
async function replaceFile(path: string, content: string, mode = 0o600): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, content, { mode });
  await rename(temporary, path);
}
