import type {
  CheckFailure,
  CheckResult,
  CreateResult,
  DiffResult,
  ReadResult,
  UpdateResult,
} from '@pulumi/pulumi/provider/provider.js';
import type { z } from 'zod';
import { UserError } from '../errors.ts';
import { type AnyHandler, explain } from './handler.ts';
import type { ResourceProvider } from './server.ts';
import { claimStack } from './stacks/registry.ts';
import { unknownProperties, unwrap, wrapSecrets } from './values.ts';

type Properties = Record<string, unknown>;

/** One line a resource; modules are loaded when the first resource of their kind turns up. */
const resources: Readonly<Record<string, () => Promise<AnyHandler>>> = {
  'rig:index:Password': async () => (await import('./resources/password.ts')).password,
  'rig:tls:Authority': async () => (await import('./resources/authority.ts')).authority,
  'rig:tls:Certificate': async () => (await import('./resources/certificate.ts')).certificate,
  'rig:ssh:Key': async () => (await import('./resources/ssh-key.ts')).sshKey,
  'rig:index:Image': async () => (await import('./resources/image.ts')).image,
  'rig:index:Network': async () => (await import('./resources/network.ts')).network,
  'rig:index:Volume': async () => (await import('./resources/volume.ts')).volume,
  'rig:index:FileSystems': async () => (await import('./resources/file-systems.ts')).fileSystems,
  'rig:index:Power': async () => (await import('./resources/power.ts')).power,
  'rig:index:Host': async () => (await import('./resources/host.ts')).host,
  'rig:index:Configuration': async () =>
    (await import('./resources/configuration.ts')).configuration,
  'rig:index:HostSecrets': async () => (await import('./resources/host-secrets.ts')).hostSecrets,
  'rig:rabbitmq:Service': async () => (await import('./resources/service.ts')).service,
  'rig:rabbitmq:Definitions': async () => (await import('./resources/definitions.ts')).definitions,
  'rig:rabbitmq:Turn': async () => (await import('./resources/turn.ts')).turn,
  'rig:rabbitmq:ChangeGuard': async () => (await import('./resources/change-guard.ts')).changeGuard,
};

/** Type token and name out of `urn:pulumi:stack::project::Parent$rig:index:Host::name`. */
export function parseUrn(urn: string): { token: string; name: string } {
  const [, , types = '', ...name] = urn.split('::');
  return { token: types.split('$').at(-1) ?? '', name: name.join('::') };
}

async function handlerOf(urn: string): Promise<AnyHandler> {
  const { token } = parseUrn(urn);
  const load = resources[token];
  if (load === undefined) {
    const allowed = Object.keys(resources).join(', ');
    throw new Error(`The rig provider has no resource ${token}; it has ${allowed}.`);
  }
  return load();
}

/** Failures in the engine's form, without those about values that only the deployment knows. */
export function checkFailures(schema: z.ZodType, plain: Properties): CheckFailure[] {
  const parsed = schema.safeParse(plain);
  if (parsed.success) return [];
  const unknown = unknownProperties(plain);
  return parsed.error.issues
    .filter((issue) => !unknown.includes(String(issue.path[0])))
    .map((issue) => ({ property: issue.path.join('.'), reason: issue.message }));
}

/** The engine shows the message only: put all of a UserError into it, and name the resource. */
async function told<T>(urn: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new Error(`${parseUrn(urn).name}: ${explain(error.parts)}`, { cause: error });
  }
}

const plainOf = (properties: unknown): Properties => unwrap(properties ?? {}) as Properties;

async function check(urn: string, olds: unknown, news: unknown): Promise<CheckResult> {
  const handler = await handlerOf(urn);
  const [before, next] = [plainOf(olds), plainOf(news)];
  const failures = checkFailures(handler.inputs, next);
  if (failures.length > 0) return { inputs: news, failures };
  const unknown = unknownProperties(next);
  const refused = await told(urn, async () => {
    if (Object.keys(before).length === 0) return handler.admitFirst?.(without(next, unknown));
    return unknown.length > 0 ? [] : handler.admit?.(before, next);
  });
  return { inputs: news, failures: [...(refused ?? [])] };
}

const without = (plain: Properties, keys: readonly string[]): Properties =>
  Object.fromEntries(Object.entries(plain).filter(([key]) => !keys.includes(key)));

const asBefore = (state: Properties, keys: readonly string[]): Properties =>
  Object.fromEntries(keys.filter((key) => key in state).map((key) => [key, state[key]]));

async function diff(id: string, urn: string, olds: unknown, news: unknown): Promise<DiffResult> {
  const handler = await handlerOf(urn);
  const inputs = plainOf(news);
  const state = plainOf(olds);
  const unknown = unknownProperties(inputs);
  const known = { ...inputs, ...asBefore(state, unknown) };
  // What is not known yet counts as changed; what is known may already mean a replacement.
  if (unknown.length > 0 && checkFailures(handler.inputs, known).length > 0) {
    return { changes: true };
  }
  const found = await told(urn, async () => handler.diff(id, state, known));
  return {
    changes: unknown.length + found.updates.length + found.replaces.length > 0,
    replaces: [...found.replaces],
    deleteBeforeReplace: found.replaces.length > 0,
  };
}

/** Whether its piece of a stack is, or is about, something on this machine. */
function isOfThisMachine(plain: Properties): plain is Properties & { readonly stack: string } {
  const channel = plain['channel'] as { readonly kind?: unknown } | undefined;
  return typeof plain['stack'] === 'string' && (channel?.kind ?? 'rig') === 'rig';
}

async function create(urn: string, inputs: unknown): Promise<CreateResult> {
  const handler = await handlerOf(urn);
  const { name } = parseUrn(urn);
  const plain = plainOf(inputs);
  const made = await told(urn, async () => {
    // Before its first piece is there, the machine knows whose the stack is.
    if (isOfThisMachine(plain)) claimStack(plain.stack);
    return handler.create(plain, name);
  });
  return { id: made.id, outs: wrapSecrets(made.state as object, handler.secrets) };
}

async function read(id: string, urn: string, props?: unknown): Promise<ReadResult> {
  const handler = await handlerOf(urn);
  const state: unknown = await told(urn, () => handler.read(id, plainOf(props)));
  // An empty id tells the engine that the resource is gone.
  if (state === undefined) return { id: '', props: {} };
  return { id, props: wrapSecrets(state as object, handler.secrets) };
}

async function update(
  id: string,
  urn: string,
  olds: unknown,
  news: unknown,
): Promise<UpdateResult> {
  const handler = await handlerOf(urn);
  const state: unknown = await told(urn, () => handler.update(id, plainOf(olds), plainOf(news)));
  return { outs: wrapSecrets(state as object, handler.secrets) };
}

async function remove(id: string, urn: string, props: unknown): Promise<void> {
  const handler = await handlerOf(urn);
  await told(urn, () => handler.delete(id, plainOf(props)));
}

export const provider: ResourceProvider = {
  version: '0.1.0',
  check,
  diff,
  create,
  read,
  update,
  delete: remove,
};
