/** What every kind of host has in common on this machine: a control group, a launcher, a namespace. */
import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isPopulated, makeCgroup, memberCgroup, removeCgroup } from './cgroup.ts';
import { tail } from './exec.ts';
import type { HostRecord } from './host-record.ts';
import { hostDisks, hostNamespace } from './names.ts';
import { removeNamespace } from './network/namespace.ts';
import { unplug } from './network/router.ts';

export type HostRef = Pick<HostRecord, 'stack' | 'name'>;
export type Secrets = Readonly<Record<string, string>>;

/** Where the host finds its secrets; part of the contract of docs/host.md. */
export const secretFolder = '/run/rabbitmq-ha-kit/secrets';

export const cleanEnvironment = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LANG: 'C.UTF-8',
  HOME: '/root',
};

export const groupOf = (host: HostRef): string => memberCgroup(host.stack, host.name);

/** Any process of it is alive: while a host reboots it has none of its own, yet it is not dead. */
export const hasPower = (host: HostRef): boolean => isPopulated(groupOf(host));

/** The control group with the place of commands that enter the host. */
export function makeHostGroup(host: HostRef): string {
  const group = groupOf(host);
  makeCgroup(group);
  makeCgroup(join(group, 'exec'));
  return group;
}

/** Like a cut of its power; idempotent. */
export async function cutPower(host: HostRef): Promise<void> {
  await removeCgroup(groupOf(host));
  await unplug(host.stack, host.name);
  await removeNamespace(hostNamespace(host.stack, host.name));
}

/** Lines for a launcher's standard input, so that no secret is an argument. */
export const secretLines = (secrets: Secrets): string[] =>
  Object.entries(secrets).map(
    ([name, value]) => `secret ${name} ${Buffer.from(value).toString('base64')}\n`,
  );

export interface Launch {
  readonly script: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Standard input. */
  readonly items: string;
}

/** Starts a host's launcher, which goes on by itself. @returns why it ended, undefined while it runs */
export function launch(
  host: HostRef,
  { script, argv, env, items }: Launch,
): () => string | undefined {
  const log = openSync(join(hostDisks(host.stack, host.name), 'launch.log'), 'w', 0o600);
  const child = spawn('sh', [script, ...argv], {
    detached: true,
    cwd: '/',
    stdio: ['pipe', log, log],
    env: { ...cleanEnvironment, ...env },
  });
  closeSync(log);
  let ended: string | undefined;
  child.once('error', (error) => (ended = error.message));
  child.once('exit', (code, signal) => (ended = `exit ${String(code ?? signal)}`));
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(items);
  child.unref();
  return () => ended;
}

/** Last words of the launcher and the console. */
export function lastWords(host: HostRef): string {
  const logs = ['launch.log', 'console.log'].map((log) =>
    join(hostDisks(host.stack, host.name), log),
  );
  return tail(
    logs
      .filter((log) => existsSync(log))
      .map((log) => readFileSync(log, 'utf8'))
      .join(''),
  );
}

/**
 * Shell for whoever sees the folder of secrets writable: writes each secret whole under a new name,
 * then takes away what is not wanted any more. Argument: the folder.
 */
export const replaceSecretsScript = `set -eu
cd "$1"
read -r wanted
while read -r _ name value; do
  rm -f ".$name"
  printf %s "$value" | (umask 0377 && base64 -d > ".$name")
  mv -f ".$name" "$name"
done
for name in *; do
  case " $wanted " in *" $name "*) ;; *) rm -f "$name" ;; esac
done
`;

/** Standard input of {@link replaceSecretsScript}. */
export const secretsInput = (secrets: Secrets): string =>
  `${Object.keys(secrets).join(' ')}\n${secretLines(secrets).join('')}`;
