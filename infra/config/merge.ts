export type PlainObject = Readonly<Record<string, unknown>>;

export const isPlainObject = (value: unknown): value is PlainObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `over` laid on `base`: objects key by key, everything else, lists too, replaced as a whole. */
export function deepMerge(base: unknown, over: unknown): unknown {
  if (over === undefined) return base;
  if (!isPlainObject(base) || !isPlainObject(over)) return over;
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) merged[key] = deepMerge(base[key], value);
  return merged;
}

/** A copy without the values at these paths. */
export function without(value: unknown, paths: readonly (readonly PropertyKey[])[]): unknown {
  const here = paths.filter((path) => path.length > 0);
  if (here.length === 0) return value;
  if (Array.isArray(value)) {
    const gone = new Set(here.map((path) => String(path[0])));
    return value.filter((_, index) => !gone.has(String(index)));
  }
  if (!isPlainObject(value)) return value;
  const kept = Object.entries(value).flatMap(([key, child]) => {
    const inside = here.filter((path) => String(path[0]) === key);
    if (inside.some((path) => path.length === 1)) return [];
    return [
      [
        key,
        without(
          child,
          inside.map((path) => path.slice(1)),
        ),
      ] as const,
    ];
  });
  return Object.fromEntries(kept);
}
