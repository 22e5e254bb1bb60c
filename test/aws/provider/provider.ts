import type { z } from 'zod';
import { changedKeys } from '../../../infra/rig-provider/handler.ts';
import { checkFailures, parseUrn } from '../../../infra/rig-provider/provider.ts';
import type { ResourceProvider } from '../../../infra/rig-provider/server.ts';
import { unknownProperties, unwrap, wrapSecrets } from '../../../infra/rig-provider/values.ts';
import { openedAccount as cloud } from '../cloud/opened.ts';
import type { AnyKind, Kind, Properties } from './kind.ts';
import { kinds } from './kinds.ts';

function kindOf(urn: string): AnyKind {
  const { token } = parseUrn(urn);
  const kind = kinds[token];
  if (kind === undefined) {
    throw new Error(`the simulated provider has no resource ${token}: a test must teach it`);
  }
  return kind;
}

const plainOf = (properties: unknown): Properties => unwrap(properties ?? {}) as Properties;

/** Errors of the API with the call's name in front: the engine shows the message only. */
async function told<T>(urn: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    throw new Error(`${parseUrn(urn).name}: ${name}: ${message}`, { cause: error });
  }
}

const inputKeys = ({ inputs }: AnyKind): string[] => Object.keys((inputs as z.ZodObject).shape);

const pick = (from: Properties, keys: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(keys.filter((key) => from[key] !== undefined).map((key) => [key, from[key]]));

/** What goes into the state: the inputs, and over them what the API says. */
async function liveState(kind: AnyKind, id: string, inputs: Properties): Promise<Properties> {
  const live = await kind.read(cloud(), id, inputs);
  if (live === undefined) throw new Error(`${id} was made, and the API does not know it`);
  return { ...inputs, ...live, region: cloud().region };
}

/** One level down, as deep as the program states what a change has to replace. */
function changedPaths(key: string, before: unknown, after: unknown): string[] {
  const isObject = (value: unknown): value is object =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isObject(before) || !isObject(after)) return [key];
  const [old, next] = [{ ...before }, { ...after }] as [Properties, Properties];
  const keys = [...new Set([...Object.keys(old), ...Object.keys(next)])];
  return changedKeys(old, next, keys).map((part) => `${key}.${part}`);
}

const wrapped = (kind: AnyKind, properties: Properties): Record<string, unknown> =>
  wrapSecrets(properties, kind.secrets ?? []);

/**
 * The aws provider of the tests: the real one's place in the engine, for the kinds that the kit
 * registers. Every resource is what the simulated API says of it.
 */
export const provider: ResourceProvider = {
  version: '7.48.0',

  check: (urn, _olds, news: Properties) => {
    const { inputs }: Kind<unknown> = kindOf(urn);
    const failures = checkFailures(inputs, { ...plainOf(news) });
    return Promise.resolve({ inputs: news, failures });
  },

  diff: (_id, urn, _olds, news, oldInputs) => {
    const kind = kindOf(urn);
    const keys = inputKeys(kind);
    const after = plainOf(news);
    const before = plainOf(oldInputs);
    const changed = changedKeys(before, after, keys);
    const replaces = changed.filter(
      (key) => kind.replaces.includes(key) || kind.update === undefined,
    );
    return Promise.resolve({
      changes: changed.length > 0 || unknownProperties({ ...after }).length > 0,
      replaces,
      changedPaths: changed.flatMap((key) => changedPaths(key, before[key], after[key])),
    });
  },

  create: (urn, inputs) =>
    told(urn, async () => {
      const kind = kindOf(urn);
      const plain = kind.inputs.parse(plainOf(inputs)) as Properties;
      const id = await kind.create(cloud(), plain, parseUrn(urn).name);
      return { id, outs: wrapped(kind, await liveState(kind, id, plain)) };
    }),

  read: (id, urn, props) =>
    told(urn, async () => {
      const kind = kindOf(urn);
      const state = plainOf(props);
      const before = pick(state, inputKeys(kind));
      const live = await kind.read(cloud(), id, before);
      if (live === undefined) return { id: '', props: {} };
      const inputs = { ...before, ...pick(live, Object.keys(before)) };
      return {
        id,
        props: wrapped(kind, { ...state, ...live }),
        inputs: wrapped(kind, inputs),
      };
    }),

  update: (id, urn, olds, news) =>
    told(urn, async () => {
      const kind = kindOf(urn);
      const after = kind.inputs.parse(plainOf(news)) as Properties;
      const before = pick(plainOf(olds), inputKeys(kind));
      await kind.update?.(cloud(), id, before, after);
      return { outs: wrapped(kind, await liveState(kind, id, after)) };
    }),

  delete: (id, urn, props) =>
    told(urn, async () => {
      const kind = kindOf(urn);
      const state = plainOf(props);
      await kind.delete(cloud(), id, pick(state, inputKeys(kind)), state);
    }),
};
