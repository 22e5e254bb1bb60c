import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../errors.ts';
import { isRoomier, limitMemory, processesBelow } from '../cgroup.ts';
import { exec, type ExecOptions, type ExecResult, must } from '../exec.ts';
import {
  cleanEnvironment,
  cutPower,
  groupOf,
  hasPower,
  type HostRef,
  lastWords,
  launch,
  makeHostGroup,
  replaceSecretsScript,
  secretFolder,
  secretLines,
  secretsInput,
  type Secrets,
} from '../host-process.ts';
import type { HostRecord } from '../host-record.ts';
import { hostDisks, hostNamespace, machineId, namespacePath, volumeFile } from '../names.ts';
import type { HostRuntime } from '../runtime.ts';
import { say } from '../say.ts';
import { releaseLoops } from '../volumes/loop.ts';
import { markUsed } from '../volumes/use.ts';
import { doneWhen, waitFor } from '../../wait.ts';
import { attachHost } from './cables.ts';
import { makeDisk } from './disk.ts';
import { HostRoot } from './root.ts';

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

function launchItems(host: HostRecord, secrets: Secrets): string {
  const volumes = host.volumes.map(
    ({ name, mount }) => `volume ${name} ${volumeFile(host.stack, name)} ${mount}\n`,
  );
  return [...volumes, ...secretLines(secrets)].join('');
}

async function start(host: HostRecord, secrets: Secrets): Promise<void> {
  requireImage(host);
  await cutPower(host);
  await attachHost(host);
  await releaseLoops(host.volumes.map(({ name }) => volumeFile(host.stack, name)));
  for (const { name } of host.volumes) markUsed(host.stack, name);
  const group = makeHostGroup(host);
  limit(host, 'exact');
  const ended = launch(host, {
    script: join(import.meta.dirname, 'launch.sh'),
    argv: nspawnCommand(host),
    env: {
      RIG_CGROUP: group,
      RIG_DISKS: hostDisks(host.stack, host.name),
      RIG_IMAGE: host.image,
      SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: '1',
      SYSTEMD_NSPAWN_API_VFS_WRITABLE: 'network',
    },
    items: launchItems(host, secrets),
  });
  await waitFor(
    () => {
      const why = ended();
      if (why !== undefined) {
        return { failed: new Error(`${host.name} did not start: ${why}: ${lastWords(host)}`) };
      }
      return leaderOf(host) === undefined ? { seen: lastWords(host) } : { done: true, value: true };
    },
    { subject: `systemd of ${host.name} to run`, deadlineMs: 60_000, intervalMs: 20 },
  );
}

async function powerOff(host: HostRef, deadlineMs: number): Promise<void> {
  const leader = leaderOf(host);
  if (leader === undefined) return;
  const end = performance.now() + deadlineMs;
  try {
    // To systemd this is the order to stop everything and power off, without a bus in between.
    await must(['kill', '-s', 'RTMIN+4', String(leader)]);
    await waitFor(() => doneWhen(!hasPower(host), 'it runs'), {
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

async function replaceSecrets(host: HostRecord, secrets: Secrets): Promise<void> {
  // The supervisor sees the folder writable; the host itself has it read-only.
  const supervisor = processesBelow(join(groupOf(host), 'supervisor'))[0];
  if (supervisor === undefined) throw new Error(`host ${host.name} has no supervisor: not running`);
  const folder = join(hostDisks(host.stack, host.name), 'secrets');
  const enterMounts = ['nsenter', '-t', String(supervisor), '-m'];
  await must([...enterMounts, 'sh', '-c', replaceSecretsScript, 'replace', folder], {
    input: secretsInput(secrets),
  });
}

/** Hosts as systemd-nspawn containers: full systemd on an overlay of the image. */
export const container: HostRuntime = {
  prepare: (host, files) => {
    makeDisk(host, files);
    return Promise.resolve();
  },
  start,
  stop: cutPower,
  powerOff,
  state: (host) => (hasPower(host) ? 'running' : 'stopped'),
  exec: execIn,
  root: (host) => new HostRoot(`/proc/${runningLeader(host)}/root`),
  entry: (host, argv) => ({ argv: entry(host, argv), env: cleanEnvironment }),
  replaceSecrets,
  limitMemory: limit,
  patience: () => 1,
  describe: () => 'container',
};
