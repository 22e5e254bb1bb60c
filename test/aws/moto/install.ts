import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withCacheLock } from '../../../infra/cache-lock.ts';
import { longCommand } from '../../../infra/long-command.ts';
import { cacheDir } from '../../../infra/paths.ts';
import { exec } from '../../../infra/rig-provider/exec.ts';
import { installPackages } from '../../../scripts/lib/debian-packages.ts';

const requirements = join(import.meta.dirname, 'requirements.txt');

/**
 * Python with moto in a virtual environment of the cache, made when it is missing: exactly the files
 * that `requirements.txt` names by their hashes.
 * @returns path of its `python`
 */
export async function ensureMoto(): Promise<string> {
  const hash = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  const folder = join(cacheDir, 'tools', `moto-${hash}`);
  const python = join(folder, 'bin/python');
  // Written last; a virtual environment cannot be moved, so an unfinished one has no mark.
  const mark = join(folder, 'complete');
  if (existsSync(mark)) return python;
  return withCacheLock(
    'moto',
    () => undefined,
    async () => {
      if (existsSync(mark)) return python;
      await ensurePython();
      await rm(folder, { recursive: true, force: true });
      await longCommand(['python3', '-m', 'venv', folder], { deadlineMs: 120_000 });
      const pip = [python, '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
      pip.push('--only-binary=:all:', '--require-hashes', '--requirement', requirements);
      await longCommand(pip, { deadlineMs: 300_000 });
      await writeFile(mark, '');
      return python;
    },
  );
}

async function ensurePython(): Promise<void> {
  const { code } = await exec(['python3', '-c', 'import venv, ensurepip']);
  if (code !== 0) await installPackages(['python3-venv'], () => undefined);
}
