import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stateDir } from '../../infra/paths.ts';

/** Where the certificates that a client of the stack is to trust are kept, for clients that want a file. */
export const caFile = (stack: string): string => join(stateDir, 'authorities', `${stack}.pem`);

/** Writes them; with undefined there is nothing to trust, and no file. @returns its path, if any */
export async function keepCaFile(
  stack: string,
  certificates: string | undefined,
): Promise<string | undefined> {
  const path = caFile(stack);
  if (certificates === undefined) {
    await rm(path, { force: true });
    return undefined;
  }
  await mkdir(join(stateDir, 'authorities'), { recursive: true, mode: 0o700 });
  const fresh = `${path}.${process.pid}.tmp`;
  await writeFile(fresh, certificates, { mode: 0o644 });
  await rename(fresh, path);
  return path;
}
