/** A folder of instance metadata: names with text or further folders. */
export interface MetadataFolder {
  readonly [name: string]: string | Buffer | MetadataFolder;
}

/** Versions of the tree that cloud-init and AWS's own tools ask for; all show the same one. */
export const metadataVersions = [
  '2009-04-04',
  '2016-09-02',
  '2018-09-24',
  '2021-03-23',
  'latest',
] as const;

/** What is at a path, e.g. `/latest/meta-data/`; undefined when nothing is. */
export function lookUp(root: MetadataFolder, path: string): string | Buffer | undefined {
  const [version, ...names] = path.split('/').filter(Boolean).map(decodeURIComponent);
  if (version === undefined) return metadataVersions.join('\n');
  if (!metadataVersions.some((known) => known === version)) return undefined;
  let at: MetadataFolder[string] = root;
  for (const name of names) {
    if (typeof at === 'string' || Buffer.isBuffer(at) || !Object.hasOwn(at, name)) return undefined;
    at = at[name] ?? '';
  }
  if (typeof at === 'string' || Buffer.isBuffer(at)) return at;
  return Object.entries(at)
    .map(([name, inner]) =>
      typeof inner === 'string' || Buffer.isBuffer(inner) ? name : `${name}/`,
    )
    .join('\n');
}
