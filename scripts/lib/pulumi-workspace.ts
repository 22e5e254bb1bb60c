import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type Document, parse, parseDocument, stringify } from 'yaml';
import { UserError } from '../../infra/errors.ts';
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

/** Where changes of config are kept that could not be carried over to the stack file. */
export const unmergedDir = join(stateDir, 'unmerged');

export const environmentKey = 'rabbitmq-ha-kit:environment';
export const overrideKey = 'rabbitmq-ha-kit:override';
/** What `npm run rotate` asked for last. */
export const rotationKey = 'rabbitmq-ha-kit:rotation';

const ownKeys = [overrideKey, rotationKey];

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

/** A stack's config as it was when Pulumi began; undefined for one without a file. */
export interface ConfigAtEntry {
  /** Text of the committed file. */
  readonly committed: string;
  /** Content of the working copy. */
  readonly working: unknown;
}

/** Writes the working project and brings the stack's committed config into it. */
export async function enterWorkspace(stack: string): Promise<ConfigAtEntry | undefined> {
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

  if (!existsSync(committedFile(stack))) return undefined;
  const committed = await readFile(committedFile(stack), 'utf8');
  const working = parseText(committed, committedFile(stack));
  if (existsSync(workingFile(stack))) {
    const before = await readDocument(workingFile(stack));
    for (const key of machineKeys) if (before.has(key)) working.set(key, before.get(key));
    for (const key of machineConfigKeys(before)) {
      working.setIn(['config', key], before.getIn(['config', key], true));
    }
  }
  await replaceFile(workingFile(stack), textOf(working));
  return { committed, working: working.toJS() };
}

/**
 * Carries what the user changed with `pulumi config` over to the committed stack file, only that,
 * so that comments and everything else in it stay; never the salt and the override.
 * @throws UserError when the committed file was edited meanwhile: it stays as it is then, and the
 * working copy is kept under another name.
 */
export async function leaveWorkspace(
  stack: string,
  entry: ConfigAtEntry | undefined,
): Promise<void> {
  if (entry === undefined || !existsSync(workingFile(stack))) return;
  const working = await readDocument(workingFile(stack));
  const before = parseDocument(stringify(entry.working));
  for (const document of [working, before]) {
    for (const key of machineConfigKeys(document)) document.deleteIn(['config', key]);
    for (const key of machineKeys) document.delete(key);
  }
  const from: unknown = before.toJS();
  const to: unknown = working.toJS();
  if (isDeepStrictEqual(from, to)) return;
  const committed = parseText(entry.committed, committedFile(stack));
  carryOver(committed, [], from, to);
  const now = await readFile(committedFile(stack), 'utf8').catch(() => undefined);
  if (now === entry.committed) {
    await replaceFile(committedFile(stack), textOf(committed), 0o644);
    return;
  }
  const kept = join(unmergedDir, `${stack}-${new Date().toISOString().replaceAll(':', '-')}.yaml`);
  await mkdir(unmergedDir, { recursive: true, mode: 0o700 });
  await replaceFile(kept, textOf(committed));
  throw new UserError({
    what: `the config of stack ${stack} was changed by pulumi, and its stack file was edited meanwhile; the file stays as it is`,
    value: committedFile(stack),
    fix: `give the same \`pulumi config\` command again; what it would have written is in ${kept}`,
  });
}

/**
 * Keys of the config that are this machine's own: what commands keep here, and secrets, which are
 * encrypted with this machine's salt and of no use elsewhere.
 */
function machineConfigKeys(document: Document): string[] {
  const kept = ownKeys.filter((key) => document.hasIn(['config', key]));
  return [...kept, ...secretKeys(document)];
}

function secretKeys(document: Document): string[] {
  const { config } = (document.toJS() ?? {}) as { config?: Record<string, unknown> | null };
  return Object.entries(config ?? {})
    .filter(([, value]) => isMapping(value) && 'secure' in value)
    .map(([key]) => key);
}

/** Makes in `document` the changes that lead from one content to the other, and no others. */
function carryOver(document: Document, path: readonly string[], from: unknown, to: unknown): void {
  if (isDeepStrictEqual(from, to)) return;
  if (!isMapping(from) || !isMapping(to)) {
    // A plain value takes the place of the one before it and leaves a comment beside that alone.
    const isPlain = typeof to !== 'object' || to === null;
    document.setIn(path, isPlain ? to : document.createNode(to));
    return;
  }
  for (const key of new Set([...Object.keys(from), ...Object.keys(to)])) {
    if (key in to) carryOver(document, [...path, key], from[key], to[key]);
    else document.deleteIn([...path, key]);
  }
}

const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The stack's override on this machine, as `up -- --topology` keeps it; undefined without one. */
export const readOverride = (stack: string): Promise<Record<string, unknown> | undefined> =>
  readOwn(stack, overrideKey);

/** The override without a topology that the stack file has anyway; undefined when that was all. */
export function withoutRepetition(
  override: Record<string, unknown> | undefined,
  { topology }: { readonly topology: string },
): Record<string, unknown> | undefined {
  if (override?.['topology'] !== topology) return override;
  const rest = Object.entries(override).filter(([key]) => key !== 'topology');
  return rest.length === 0 ? undefined : Object.fromEntries(rest);
}

/** Sets or, with undefined, removes the stack's override. */
export const writeOverride = (
  stack: string,
  override: Record<string, unknown> | undefined,
): Promise<void> => writeOwn(stack, overrideKey, override);

/** Keys of the stack's config that this machine holds encrypted, as `pulumi config set --secret` does. */
export async function readSecretKeys(stack: string): Promise<string[]> {
  if (!existsSync(workingFile(stack))) return [];
  return secretKeys(await readDocument(workingFile(stack)));
}

/** What `npm run rotate` asked for on this machine; undefined when nothing ever. */
export async function readRotation(stack: string): Promise<unknown> {
  const text = await readOwn<string>(stack, rotationKey);
  return text === undefined ? undefined : JSON.parse(text);
}

/** As JSON in one text: Pulumi takes a moment in YAML for a date, and writes it otherwise. */
export const writeRotation = (stack: string, rotation: object): Promise<void> =>
  writeOwn(stack, rotationKey, JSON.stringify(rotation));

async function readOwn<T>(stack: string, key: string): Promise<T | undefined> {
  if (!existsSync(workingFile(stack))) return undefined;
  const document = (await readDocument(workingFile(stack))).toJS() as {
    config?: Record<string, T>;
  };
  return document.config?.[key];
}

async function writeOwn(
  stack: string,
  key: string,
  value: Record<string, unknown> | string | undefined,
): Promise<void> {
  const document = await readDocument(workingFile(stack));
  if (value === undefined) document.deleteIn(['config', key]);
  else document.setIn(['config', key], document.createNode(value));
  await replaceFile(workingFile(stack), textOf(document));
}

const readDocument = async (path: string): Promise<Document> =>
  parseText(await readFile(path, 'utf8'), path);

function parseText(text: string, path: string): Document {
  const document = parseDocument(text);
  const [problem] = document.errors;
  if (problem !== undefined) {
    throw new Error(`${path} is not valid YAML: ${problem.message}`, { cause: problem });
  }
  return document;
}

/** Long lines stay as their author broke them. */
const textOf = (document: Document): string => document.toString({ lineWidth: 0 });

/** Atomic, so that an interrupt never leaves half a config behind. */
async function replaceFile(path: string, content: string, mode = 0o600): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, content, { mode });
  await rename(temporary, path);
}
