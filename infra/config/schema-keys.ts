/** What keys the schema knows, and where. */
import { z } from 'zod';
import { environmentSchema } from './schema.ts';

/** Keys that the schema knows at a path, in its own order; empty where it is not a section. */
export function keysAt(path: readonly PropertyKey[]): string[] {
  let schema: unknown = environmentSchema;
  for (const part of path) schema = childOf(schema, String(part));
  return Object.keys(shapeOf(schema) ?? {});
}

/**
 * Where the schema knows a key, as far up as it knows it at all, e.g. `definitions.vhosts.NAME.queues`; none
 * where that is no help, because it is in too many places.
 */
export function placesOf(key: string): string[] {
  let sections: Section[] = [{ path: [], schema: environmentSchema }];
  while (sections.length > 0) {
    const found = sections.filter(({ schema }) => shapeOf(schema)?.[key] !== undefined);
    if (found.length > 0) {
      return found.length > mostPlaces ? [] : found.map(({ path }) => [...path, key].join('.'));
    }
    sections = sections.flatMap(sectionsBelow);
  }
  return [];
}

const mostPlaces = 3;

interface Section {
  readonly path: readonly string[];
  readonly schema: unknown;
}

function sectionsBelow({ path, schema }: Section): Section[] {
  const bare = bareOf(schema);
  if (bare instanceof z.ZodRecord) return [{ path: [...path, 'NAME'], schema: bare.valueType }];
  return Object.entries(shapeOf(bare) ?? {}).map(([name, child]) => ({
    path: [...path, name],
    schema: child,
  }));
}

/** What is below one key, or below any key or index of what is by name or a list. */
function childOf(schema: unknown, key: string): unknown {
  const bare = bareOf(schema);
  if (bare instanceof z.ZodRecord) return bare.valueType;
  if (bare instanceof z.ZodArray) return bare.element;
  return shapeOf(bare)?.[key];
}

/** Keys of a section beneath its defaults and pre-processing. */
function shapeOf(schema: unknown): Readonly<Record<string, unknown>> | undefined {
  const bare = bareOf(schema);
  return bare instanceof z.ZodObject ? bare.shape : undefined;
}

function bareOf(schema: unknown): unknown {
  if (schema instanceof z.ZodPipe) return bareOf(schema.out);
  if (
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodOptional
  ) {
    return bareOf(schema.unwrap());
  }
  return schema;
}
