import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../errors.ts';
import { isPopulated, processesBelow } from '../cgroup.ts';
import { exec, type ExecOptions, type ExecResult, tail } from '../exec.ts';
import { cleanEnvironment, groupOf, type HostRef } from '../host-process.ts';
import { type HostRecord, readHostRecord } from '../host-record.ts';
import type { Acceleration } from './acceleration.ts';
import { connectionFailed, sshCommand } from './ssh.ts';

/** Times a container's time: a whole kernel boots, and emulation takes ten to twenty times as long. */
export const patience: Readonly<Record<Acceleration, number>> = { kvm: 2, tcg: 6 };

/** What the machine itself is; commands that enter it, and their connection, outlive it for a while. */
const machineGroup = (host: HostRef): string => join(groupOf(host), 'machine');

export const processOf = (host: HostRef): number | undefined =>
  processesBelow(machineGroup(host))[0];

/** Whether qemu runs: a kernel that switched its machine off has ended it. */
export const isOn = (host: HostRef): boolean => isPopulated(machineGroup(host));

/** How the running machine was started; undefined when it does not run. */
export function accelerationOf(host: HostRef): Acceleration | undefined {
  try {
    const pid = processOf(host);
    if (pid === undefined) return undefined;
    const argv = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    return argv[argv.indexOf('-accel') + 1]?.startsWith('kvm') === true ? 'kvm' : 'tcg';
  } catch {
    // It ended while we looked.
    return undefined;
  }
}

export const patienceWith = (host: HostRef): number => patience[accelerationOf(host) ?? 'tcg'];

export function runningRecord(host: HostRef): HostRecord {
  const record = readHostRecord(host.stack, host.name);
  if (record !== undefined && isOn(host)) return record;
  throw new UserError({
    what: `host ${host.name} of ${host.stack} is not running`,
    fix: 'npm run up heals it',
  });
}

export async function execIn(
  host: HostRef,
  argv: readonly string[],
  options: Omit<ExecOptions, 'env'> = {},
): Promise<ExecResult> {
  const record = runningRecord(host);
  const { timeoutMs = 30_000 } = options;
  const command = sshCommand(record, argv, { timeoutMs });
  const result = await exec(command, { ...options, timeoutMs, env: cleanEnvironment });
  if (result.code !== connectionFailed) return result;
  throw new Error(`no connection to ${host.name}: ${tail(result.stderr, 500)}`);
}
