/** JSON with sorted keys: the same value gives the same text. */
export function canonical(value: unknown): string {
  const sorted = (_key: string, inner: unknown): unknown =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner;
  return value === undefined ? 'undefined' : JSON.stringify(value, sorted);
}
