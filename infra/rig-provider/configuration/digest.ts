import { createHash } from 'node:crypto';
import type { RenderedFile } from '../../render/model.ts';
import { canonical } from '../../canonical-json.ts';

/** What a change of the file can be seen by, on the host as in the plan. */
export type FileMeta = Pick<RenderedFile, 'mode' | 'owner'>;

/** Mode, owner and hash of the content: equal texts mean that nothing is to be done. */
export function fileDigest(meta: FileMeta, contentSha256: string): string {
  return `${Number.parseInt(meta.mode, 8).toString(8)} ${meta.owner} ${contentSha256}`;
}

export const sha256 = (content: string): string =>
  createHash('sha256').update(content).digest('hex');

/**
 * One digest over all files. The host is given it with the user-data that holds them, so that their
 * first configuration needs no look at the host.
 */
export function filesDigest(files: readonly RenderedFile[]): string {
  const parts = files
    .map((file) => [file.path, fileDigest(file, sha256(file.content))] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return sha256(canonical(parts));
}
