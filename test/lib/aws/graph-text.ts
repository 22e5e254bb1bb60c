import { stringify } from 'yaml';
import { keyOf, type RegisteredResource } from './mocks.ts';

/**
 * The graph as a golden file: what is asked of each resource, what it waits for and what Pulumi is to
 * leave alone. User-data has goldens of its own: the files of the hosts.
 */
export function graphText(graph: readonly RegisteredResource[]): string {
  const entries = graph.map((resource) => [keyOf(resource), shown(resource)] as const);
  return stringify(Object.fromEntries(entries), { lineWidth: 0, aliasDuplicateObjects: false });
}

function shown(resource: RegisteredResource): Record<string, unknown> {
  const { inputs, protect, deleteBeforeReplace, ignoreChanges, replaceOnChanges } = resource;
  const { userDataBase64, ...rest } = inputs;
  const after = waitsFor(resource);
  return {
    inputs: {
      ...rest,
      ...(userDataBase64 === undefined ? {} : { userDataBase64: '(files of the host)' }),
      ...tagsWithoutDigest(rest['tags']),
    },
    ...(protect ? { protect } : {}),
    ...(deleteBeforeReplace ? { deleteBeforeReplace } : {}),
    ...(replaceOnChanges.length > 0 ? { replaceOnChanges } : {}),
    ...(ignoreChanges.length > 0 ? { ignoreChanges } : {}),
    ...(after.length > 0 ? { after } : {}),
  };
}

/** Names of resources that it was told to wait for, beside those that its inputs come from. */
function waitsFor({ dependsOn, references, parent }: RegisteredResource): string[] {
  const used = new Set([parent, ...Object.values(references).flat()]);
  return dependsOn
    .filter((urn) => !used.has(urn))
    .map((urn) => `${urn.split('::')[2]?.split('$').at(-1) ?? ''} ${urn.split('::')[3] ?? ''}`)
    .sort();
}

function tagsWithoutDigest(tags: unknown): object {
  if (typeof tags !== 'object' || tags === null) return {};
  const digest = 'rabbitmq-ha-kit:user-data';
  return digest in tags ? { tags: { ...tags, [digest]: '(digest)' } } : {};
}
