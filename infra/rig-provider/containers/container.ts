import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../errors.ts';
import {
  isPopulated,
  isRoomier,
  limitMemory,
  makeCgroup,
  memberCgroup,
  processesBelow,
  removeCgroup,
} from '../cgroup.ts';
import { exec, type ExecOptions, type ExecResult, must, tail } from '../exec.ts';
import type { HostRecord } from '../host-record.ts';
import { hostDisks, hostNamespace, machineId, namespacePath, volumeFile } from '../names.ts';
import { removeNamespace } from '../network/namespace.ts';
import { unplug } from '../network/router.ts';
import type { HostRuntime, HostState } from '../runtime.ts';
import { say } from '../say.ts';
import { releaseLoops } from '../volumes/loop.ts';
import { markUsed } from '../volumes/use.ts';
import { doneWhen, waitFor } from '../../wait.ts';
import { attachHost } from './cables.ts';
import { HostRoot } from './root.ts';

type HostRef = Pick<HostRecord, 'stack' | 'name'>;

/** Where the host finds its secrets; part of the contract of docs/host.md. */
const secretFolder = '/run/rabbitmq-ha-kit/secrets';
const cleanEnvironment = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LANG: 'C.UTF-8',
  HOME: '/root',
};

const groupOf = (host: HostRef): string => memberCgroup(host.stack, host.name);

/** Process id of the host's systemd; it changes when the host reboots itself. */
export function leaderOf(host: HostRef): number | undefined {
  try {
    const file = join(groupOf(host), 'payload', 'init.scope', 'cgroup.procs');
    const pid = Number(readFileSync(file, 'utf8').split('\n')[0]);
    return pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

function state(host: HostRef): HostState {
  // While a host reboots it has no leader, yet it is not dead.
  return isPopulated(groupOf(host)) ? 'running' : 'stopped';
}

function nspawnCommand(host: HostRecord): string[] {
  const disks = hostDisks(host.stack, host.name);
  return [
    'systemd-nspawn',
    '--boot',
    '--register=no',
    '--keep-unit',
    '--settings=no',
    // A terminal of its own: with a pipe there would be no /dev/console to say anything on.
    '--console=read-only',
    '--setenv=TERM=dumb',
    '--setenv=SYSTEMD_COLORS=0',
    '--link-journal=no',
    '--resolv-conf=off',
    '--timezone=off',
    '--capability=all',
    `--directory=${join(disks, 'root')}`,
    // At most 64 characters; it is only a label here, because nothing is registered.
    `--machine=${host.name}`,
    `--hostname=${host.name}`,
    `--uuid=${machineId(host.stack, host.name)}`,
    `--network-namespace-path=${namespacePath(hostNamespace(host.stack, host.name))}`,
    `--bind-ro=${join(disks, 'seed')}:/var/lib/cloud/seed/nocloud`,
    ...(host.fetchesSecrets === true
      ? []
      : [`--bind-ro=${join(disks, 'secrets')}:${secretFolder}`]),
  ];
}

function requireImage(host: HostRecord): void {
  if (existsSync(join(host.image, 'usr/lib/systemd/systemd'))) return;
  throw new UserError({
    what: `host ${host.name} of ${host.stack} cannot start: its base image is gone from the cache`,
    value: host.image,
    fix: 'npm run setup, then npm run up: a host whose image is gone is made anew, and its volumes stay',
  });
}

function launchItems(host: HostRecord, secrets: Readonly<Record<string, string>>): string {
  const volumes = host.volumes.map(
    ({ name, mount }) => `volume ${name} ${volumeFile(host.stack, name)} ${mount}\n`,
  );
  return [...volumes, ...secretLines(secrets)].join('');
}

const secretLines = (secrets: Readonly<Record<string, string>>): string[] =>
  Object.entries(secrets).map(
    ([name, value]) => `secret ${name} ${Buffer.from(value).toString('base64')}\n`,
  );

async function start(host: HostRecord, secrets: Readonly<Record<string, string>>): Promise<void> {
  requireImage(host);
  await stop(host);
  await attachHost(host);
  await releaseLoops(host.volumes.map(({ name }) => volumeFile(host.stack, name)));
  for (const { name } of host.volumes) markUsed(host.stack, name);
  const group = groupOf(host);
  makeCgroup(group);
  makeCgroup(join(group, 'exec'));
  limit(host, 'exact');
  const disks = hostDisks(host.stack, host.name);
  const log = openSync(join(disks, 'launch.log'), 'w', 0o600);
  const child = spawn('sh', [join(import.meta.dirname, 'launch.sh'), ...nspawnCommand(host)], {
    detached: true,
    cwd: '/',
    stdio: ['pipe', log, log],
    env: {
      ...cleanEnvironment,
      RIG_CGROUP: group,
      RIG_DISKS: disks,
      RIG_IMAGE: host.image,
      SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: '1',
      SYSTEMD_NSPAWN_API_VFS_WRITABLE: 'network',
    },
  });
  closeSync(log);
  let ended: string | undefined;
  child.once('error', (error) => (ended = error.message));
  child.once('exit', (code, signal) => (ended = `exit ${String(code ?? signal)}`));
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(launchItems(host, secrets));
  child.unref();
  await waitFor(
    () => {
      if (ended !== undefined) {
        return { failed: new Error(`${host.name} did not start: ${ended}: ${said(host)}`) };
      }
      return leaderOf(host) === undefined ? { seen: said(host) } : { done: true, value: true };
    },
    { subject: `systemd of ${host.name} to run`, deadlineMs: 60_000, intervalMs: 20 },
  );
}

/** Last words of the launcher and the console. */
function said(host: HostRef): string {
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

async function stop(host: HostRef): Promise<void> {
  await removeCgroup(groupOf(host));
  await unplug(host.stack, host.name);
  await removeNamespace(hostNamespace(host.stack, host.name));
}

async function powerOff(host: HostRef, deadlineMs: number): Promise<void> {
  const leader = leaderOf(host);
  if (leader === undefined) return;
  const end = performance.now() + deadlineMs;
  try {
    // To systemd this is the order to stop everything and power off, without a bus in between.
    await must(['kill', '-s', 'RTMIN+4', String(leader)]);
    await waitFor(() => doneWhen(state(host) === 'stopped', 'it runs'), {
      subject: `${host.name} to power off`,
      deadlineMs: Math.max(0, end - performance.now()),
      intervalMs: 50,
    });
  } catch (error) {
    say(`${host.name} did not stop by itself: ${String(error)}`);
  }
}

function limit(host: HostRecord, how: 'raise' | 'exact'): void {
  const group = groupOf(host);
  if (how === 'raise' && !isRoomier(group, host.memoryMiB)) return;
  limitMemory(group, host.memoryMiB);
}

function runningLeader(host: HostRef): number {
  const leader = leaderOf(host);
  if (leader !== undefined) return leader;
  throw new UserError({
    what: `host ${host.name} of ${host.stack} is not running`,
    fix: 'npm run up heals it',
  });
}

/** Joins the host's control group first, so that the command dies when the host does. */
const enter = 'echo $$ > "$1/exec/cgroup.procs"; shift; exec nsenter "$@"';

function entry(host: HostRef, argv: readonly string[]): string[] {
  const leader = String(runningLeader(host));
  return ['sh', '-c', enter, 'enter', groupOf(host), '-t', leader, '-a', '--', ...argv];
}

function execIn(
  host: HostRef,
  argv: readonly string[],
  options: Omit<ExecOptions, 'env'> = {},
): Promise<ExecResult> {
  return exec(entry(host, argv), { ...options, env: cleanEnvironment });
}

/** Writes each secret whole under a new name, then takes away what is not wanted any more. */
const replaceScript = `set -eu
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

async function replaceSecrets(
  host: HostRecord,
  secrets: Readonly<Record<string, string>>,
): Promise<void> {
  // The supervisor sees the folder writable; the host itself has it read-only.
  const supervisor = processesBelow(join(groupOf(host), 'supervisor'))[0];
  if (supervisor === undefined) throw new Error(`host ${host.name} has no supervisor: not running`);
  const folder = join(hostDisks(host.stack, host.name), 'secrets');
  const enterMounts = ['nsenter', '-t', String(supervisor), '-m'];
  await must([...enterMounts, 'sh', '-c', replaceScript, 'replace', folder], {
    input: `${Object.keys(secrets).join(' ')}\n${secretLines(secrets).join('')}`,
  });
}

/** Hosts as systemd-nspawn containers: full systemd on an overlay of the image. */
export const container: HostRuntime = {
  start,
  stop,
  powerOff,
  state,
  exec: execIn,
  root: (host) => new HostRoot(`/proc/${runningLeader(host)}/root`),
  entry: (host, argv) => ({ argv: entry(host, argv), env: cleanEnvironment }),
  replaceSecrets,
  limitMemory: limit,
};
