import { lstatSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../errors.ts';

/**
 * Folder for sockets of ssh connections that are shared, and what else lives as long as a login. Its path
 * is short: a socket's must fit into 104 bytes, of which ssh takes 17 for a name in between.
 * @throws UserError when somebody else could put sockets there
 */
export function runtimeFolder(): string {
  const owner = process.getuid?.() ?? 0;
  const folder = join(process.env['XDG_RUNTIME_DIR'] ?? '/tmp', `rabbitmq-ha-kit-${owner}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid, mode } = lstatSync(folder);
  // The type's bits come along: a link has others.
  if (uid === owner && mode === 0o40700) return folder;
  throw new UserError({
    what: 'the folder for ssh connections is not yours alone',
    value: folder,
    allowed: 'a folder of mode 0700 that belongs to you',
    fix: 'find out whose it is, and remove it',
  });
}
