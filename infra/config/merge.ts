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

/** A copy without the values at these paths; entries of lists keep their places. */
export function without(value: unknown, paths: readonly (readonly PropertyKey[])[]): unknown {
  if (paths.length === 0) return value;
  if (paths.some((path) => path.length === 0)) return undefined;
  const child = (key: string, inner: unknown): unknown =>
    without(
      inner,
      paths.filter(([first]) => String(first) === key).map((path) => path.slice(1)),
    );
  if (Array.isArray(value)) return value.map((entry, index) => child(String(index), entry));
  if (!isPlainObject(value)) return value;
  const kept = Object.entries(value).map(([key, inner]) => [key, child(key, inner)] as const);
  return Object.fromEntries(kept.filter(([, inner]) => inner !== undefined));
}
