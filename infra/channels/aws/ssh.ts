import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stateDir } from '../../paths.ts';
import { quoted, quotedCommand } from '../../shell-words.ts';
import type { AwsChannelDescription } from '../description.ts';
import { callerOptions } from './command.ts';
import { runtimeFolder } from './runtime-folder.ts';

/** Login of Debian's images; its sudo asks nothing. */
const login = 'admin';

/** A connection serves every command until nobody has used it for so long. */
const idleSeconds = 120;

/**
 * What the login's shell gets: argv as root, in `/`. Where a deadline is given the command ends itself
 * soon after it: nobody is left at the other end of a connection that was cut.
 */
export const remoteCommand = (argv: readonly string[], timeoutMs?: number): string => {
  const limit = timeoutMs === undefined ? [] : ['timeout', '-k', '5', limitSeconds(timeoutMs)];
  const command = ['sudo', '-n', '-H', '--', ...limit, 'env', '-C', '/', 'LANG=C.UTF-8', ...argv];
  return quotedCommand(command);
};

/** The caller's own deadline comes first, and says more. */
const limitSeconds = (timeoutMs: number): string => String(Math.ceil(timeoutMs / 1000) + 2);

/**
 * Program that carries the bytes of port 22: AWS lets it in by the operator's credentials and leads it
 * to that instance, which is why its host key is taken on first sight, and no other one later.
 */
const tunnel = (description: AwsChannelDescription): string[] =>
  description.method === 'session-manager'
    ? [
        ...['aws', 'ssm', 'start-session', '--target', '%h', ...callerOptions(description)],
        ...['--document-name', 'AWS-StartSSHSession', '--parameters', 'portNumber=%p'],
      ]
    : [
        ...['aws', 'ec2-instance-connect', 'open-tunnel', '--instance-id', '%h'],
        ...['--remote-port', '%p', ...callerOptions(description)],
      ];

/** The operator's ssh with everything that leads to one instance, up to the remote command. */
export interface Ssh {
  /** @param options more options of ssh */
  argv(instance: string, options?: readonly string[]): string[];
  /** What the tunnel said since the connection was tried last: ssh shows nothing of it. */
  tunnelSaid(instance: string): string;
}

export function sshOf(description: AwsChannelDescription): Ssh {
  const folder = runtimeFolder();
  const knownHosts = knownHostsFile(description.stack);
  const identity = identityFile(folder, description);
  const wordsOf = (instance: string): string => join(folder, `${instance}.said`);
  return {
    argv: (instance, options = []) => [
      'ssh',
      ...optionsOf({
        User: login,
        // One host, whatever its names and addresses: an instance that takes its place has another key.
        HostKeyAlias: instance,
        StrictHostKeyChecking: 'accept-new',
        UserKnownHostsFile: pathValue(knownHosts),
        GlobalKnownHostsFile: '/dev/null',
        CheckHostIP: 'no',
        UpdateHostKeys: 'no',
        ...(identity === undefined
          ? {}
          : { IdentityFile: pathValue(identity), IdentitiesOnly: 'yes' }),
        ControlMaster: 'auto',
        ControlPersist: `${idleSeconds}s`,
        ControlPath: pathValue(join(folder, instance)),
        ProxyCommand: `${tunnel(description).join(' ')} 2> ${quoted(escaped(wordsOf(instance)))}`,
        ConnectTimeout: '20',
        ServerAliveInterval: '5',
        ServerAliveCountMax: '3',
        ForwardAgent: 'no',
        ForwardX11: 'no',
        PermitLocalCommand: 'no',
        LogLevel: 'ERROR',
      }),
      ...options,
      '--',
      instance,
    ],
    tunnelSaid: (instance) => {
      const file = wordsOf(instance);
      return existsSync(file) ? readFileSync(file, 'utf8') : '';
    },
  };
}

/** Host keys that were seen, by instance id; it goes with what else is kept of the stack. */
export const knownHostsFile = (stack: string): string =>
  join(stateDir, 'known-hosts', `${stack}.txt`);

const optionsOf = (settings: Readonly<Record<string, string>>): string[] =>
  Object.entries(settings).flatMap(([key, value]) => ['-o', `${key}=${value}`]);

/** In what ssh expands, `%` begins a token. */
const escaped = (path: string): string => path.replaceAll('%', '%%');

const pathValue = (path: string): string => `"${escaped(path)}"`;

/** The key that the kit made, for ssh to read; undefined where the operator's own is to be used. */
function identityFile(
  folder: string,
  { stack, privateKey }: AwsChannelDescription,
): string | undefined {
  if (privateKey === undefined) return undefined;
  const file = join(folder, `${stack}.key`);
  if (existsSync(file) && readFileSync(file, 'utf8') === privateKey) return file;
  // In one step: an ssh that starts meanwhile, also of another process, would read half a key.
  const fresh = `${file}.${process.pid}`;
  writeFileSync(fresh, privateKey, { mode: 0o600 });
  renameSync(fresh, file);
  return file;
}
