import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { UserError } from '../../errors.ts';
import type { AwsChannelDescription } from '../description.ts';
import { noCli } from './command.ts';

/**
 * Looks for what the way onto hosts needs on this machine; quick, and asks nobody.
 * @throws UserError naming what is missing, or that the config has no way
 */
export function requirePrograms({ stack, method }: AwsChannelDescription): void {
  if (method === 'none') {
    throw new UserError({
      what: `stack ${stack} has no way onto its hosts`,
      lasting: true,
      value: 'aws.access.method: none',
      allowed: ['instance-connect', 'session-manager'],
      fix: 'hosts are made with their way: make a second stack with one of them, or take this one down first',
    });
  }
  if (!isOnPath('ssh')) {
    throw new UserError({
      lasting: true,
      what: 'hosts on aws are reached by ssh, and there is no `ssh` on PATH',
      fix: 'install an OpenSSH client, e.g. apt install openssh-client',
    });
  }
  if (!isOnPath('aws')) throw noCli();
  if (method === 'session-manager' && !isOnPath('session-manager-plugin')) {
    throw new UserError({
      lasting: true,
      what: 'aws.access.method session-manager needs the plugin of that name beside the AWS CLI, and it is not on PATH',
      allowed: 'session-manager-plugin',
      fix: 'install it: https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-install-plugin.html; or choose instance-connect',
    });
  }
}

function isOnPath(program: string): boolean {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
