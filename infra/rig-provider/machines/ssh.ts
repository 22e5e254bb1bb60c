import { join } from 'node:path';
import { quotedCommand } from '../../shell-words.ts';
import type { HostRecord } from '../host-record.ts';
import { cleanEnvironment, groupOf } from '../host-process.ts';
import { machineAlias } from '../images/machine-disk.ts';
import { machineParts } from '../images/store.ts';
import { hostDisks, hostNamespace, namespacePath } from '../names.ts';
import { rigAddress } from './cables.ts';

/** ssh's own exit code for a connection that was not made or did not last. */
export const connectionFailed = 255;

/** A machine that answers nothing for so long has rebooted or hangs: the next command connects anew. */
const alive = { interval: 5, count: 6 };

/**
 * Joins the host's control group first, so that the command dies when the host does. Sockets have short
 * names only, so that the one of the connection is named from its folder.
 */
const enter = 'echo $$ > "$1/exec/cgroup.procs" && cd "$2" && shift 2 && exec nsenter "$@"';

/**
 * The command of this machine that runs argv as root in the machine. All commands share one connection,
 * because each handshake takes a second or two of an emulated processor.
 * @param timeoutMs until the command in the machine ends itself; the caller's own deadline comes first
 */
export function sshCommand(
  host: HostRecord,
  argv: readonly string[],
  {
    timeoutMs,
    terminal = false,
  }: { readonly timeoutMs?: number; readonly terminal?: boolean } = {},
): string[] {
  const { stack, name, image } = host;
  const limit =
    timeoutMs === undefined ? [] : ['timeout', '-k', '5', String(Math.ceil(timeoutMs / 1000) + 2)];
  const environment = Object.entries(cleanEnvironment).map(([key, value]) => `${key}=${value}`);
  const remote = ['exec', 'env', '-C', '/', ...environment, ...limit, ...argv];
  const options = {
    BatchMode: 'yes',
    IdentityFile: inQuotes(join(image, machineParts.key)),
    IdentitiesOnly: 'yes',
    UserKnownHostsFile: inQuotes(join(image, machineParts.knownHosts)),
    GlobalKnownHostsFile: '/dev/null',
    HostKeyAlias: machineAlias,
    StrictHostKeyChecking: 'yes',
    // The quick one: who could listen is root on this machine.
    KexAlgorithms: 'curve25519-sha256',
    ControlMaster: 'auto',
    ControlPersist: 'yes',
    ControlPath: 'ssh',
    // The banner of an emulated machine that starts everything else at the same time comes late.
    ConnectTimeout: '30',
    ServerAliveInterval: String(alive.interval),
    ServerAliveCountMax: String(alive.count),
    LogLevel: 'ERROR',
  };
  return [
    ...['sh', '-c', enter, 'enter', groupOf(host), hostDisks(stack, name)],
    ...[`--net=${namespacePath(hostNamespace(stack, name))}`, '--', 'ssh', '-F', 'none'],
    ...Object.entries(options).flatMap(([key, value]) => ['-o', `${key}=${value}`]),
    ...(terminal ? ['-t'] : []),
    ...['--', `root@${rigAddress.machine}`, quotedCommand(remote)],
  ];
}

/** In what ssh expands, `%` begins a token. */
const inQuotes = (path: string): string => `"${path.replaceAll('%', '%%')}"`;
