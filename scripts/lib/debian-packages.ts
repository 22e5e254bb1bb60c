import { $ } from 'zx/core';

import { longCommand } from '../../infra/long-command.ts';
import { tail } from '../../infra/rig-provider/exec.ts';
import { machineTools } from '../../infra/rig-provider/machines/requirements.ts';
import { type OsRelease, quietly } from './machine.ts';
import type { Say } from './progress.ts';

/**
 * What the rig uses of this machine. None of them starts a service by being installed.
 * @param machines whether hosts are to be virtual machines, too
 */
export function machinePackages(os: OsRelease, machines = false): string[] {
  const all = ['ca-certificates', 'e2fsprogs', 'iproute2', 'mmdebstrap', 'nftables'];
  all.push('systemd-container', 'util-linux');
  if (machines) all.push(...Object.keys(machineTools));
  // Ubuntu does not trust Debian's keys by itself.
  if (os.id !== 'debian') all.push('debian-archive-keyring');
  return all;
}

const environment: NodeJS.ProcessEnv = {
  ...process.env,
  DEBIAN_FRONTEND: 'noninteractive',
  // Ubuntu's needrestart would restart services that are no affair of the kit's.
  NEEDRESTART_SUSPEND: '1',
  LC_ALL: 'C',
};

/**
 * Brings apt's lists up to date: the ordinary way to find out whether the mirrors can be reached.
 * @returns what went wrong; undefined when all went well. Sources of third parties are let off.
 */
export async function updatePackageLists(
  isOurs: (uri: string) => boolean,
): Promise<string | undefined> {
  const patience = ['-o', 'Acquire::Retries=1', '-o', 'Acquire::http::Timeout=15'];
  patience.push('-o', 'Acquire::https::Timeout=15');
  const apt = $({ ...quietly, timeout: '180s', env: environment });
  const { exitCode, signal, stderr } = await apt`apt-get update -q ${patience}`;
  const failed = stderr.split('\n').filter((line) => line.includes('Failed to fetch '));
  const ours = failed.filter((line) => isOurs(/Failed to fetch (\S+)/.exec(line)?.[1] ?? ''));
  if (ours.length > 0) return tail(ours.join('\n'));
  if (signal !== null) return `apt-get update was not done after 180 s: ${tail(stderr)}`;
  return exitCode !== 0 && failed.length === 0 ? tail(stderr) : undefined;
}

/** Repositories of the distribution itself among this machine's apt sources. */
export async function ownRepositories(os: OsRelease): Promise<string[]> {
  const format = '$(REPO_URI)|$(RELEASE)';
  const apt = $({ ...quietly, timeout: '30s', env: environment });
  const { stdout } = await apt`apt-get indextargets --format ${format} ${'Created-By: Packages'}`;
  return stdout
    .split('\n')
    .map((line) => line.split('|'))
    .filter(([, suite = '']) => os.codename !== '' && suite.startsWith(os.codename))
    .map(([uri = '']) => uri);
}

export async function installPackages(names: readonly string[], say: Say): Promise<void> {
  const argv = ['apt-get', 'install', '-y', '-q', '--no-install-recommends', ...names];
  await longCommand(argv, { deadlineMs: 600_000, env: environment, onLine: say });
}
