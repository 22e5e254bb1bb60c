import { chmod, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { UserError } from '../../infra/errors.ts';
import type { RenderedHost } from '../../infra/render/model.ts';

/** Its presence says that the folder is this command's own and may be replaced. */
export const marker = '.rabbitmq-ha-kit-render';

export interface WrittenFile {
  readonly host: string;
  /** Below the output folder. */
  readonly file: string;
  readonly bytes: number;
}

/**
 * Writes the hosts' files below `out`: `<host>/...` and `<host>.user-data`.
 * @throws UserError, before anything changes, when `out` holds something else
 */
export async function writeTree(
  out: string,
  hosts: readonly RenderedHost[],
  { force }: { readonly force: boolean },
): Promise<WrittenFile[]> {
  await prepare(out, force);
  const written: WrittenFile[] = [];
  const write = async (host: string, file: string, content: string, mode: string) => {
    const path = join(out, file);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
    // A read-only or write-only mode would hinder the next render and every linter.
    await chmod(path, Number.parseInt(mode, 8) | 0o600);
    written.push({ host, file, bytes: Buffer.byteLength(content) });
  };
  for (const { name, files, userData } of hosts) {
    await write(name, `${name}.user-data`, userData, '0644');
    for (const { path, content, mode } of files) {
      await write(name, join(name, path), content, mode);
    }
  }
  return written;
}

/** Empties a folder of its own; a foreign one loses nothing but files that are written anew. */
async function prepare(out: string, force: boolean): Promise<void> {
  const entries = await list(out);
  const foreign = entries.length > 0 && !entries.includes(marker);
  if (foreign && !force) {
    throw new UserError({
      what: 'the output folder holds something that render did not write',
      value: out,
      allowed: 'a missing or empty folder, or one of an earlier render',
      fix: 'choose another --out, or give --force to write into it all the same',
    });
  }
  if (foreign) return;
  await Promise.all(entries.map((name) => rm(join(out, name), { recursive: true, force: true })));
  await mkdir(out, { recursive: true });
  await writeFile(join(out, marker), 'Made by `npm run render`; replaced by the next one.\n');
}

async function list(out: string): Promise<string[]> {
  try {
    return await readdir(out);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === 'ENOENT') return [];
    throw new UserError({
      what: 'the output folder cannot be read',
      value: out,
      allowed: 'a folder that you may write to',
      cause,
    });
  }
}
